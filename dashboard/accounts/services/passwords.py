"""Passwords: changed by their owner, or made for someone and shown once."""

from __future__ import annotations

import secrets

from django.contrib import auth
from django.http import HttpRequest

from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import User
from dashboard.accounts.services.account_log import account_change
from dashboard.events.recording import Actor


def change_password(*, request: HttpRequest, user: User, current: str, new: str) -> None:
    """Ends every other session of this user: each carries a digest of the password it began with."""
    if not user.check_password(current):
        raise AccountError("This is not your current password.", field="current")
    with account_change(user, "member.password_changed", Actor.of_request(request)):
        user.set_password(new)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        auth.update_session_auth_hash(request, user)  # a new session key for this one, too


def one_time_password() -> str:
    """128 random bits: it passes every rule for passwords, and must be changed at the first sign-in."""
    return secrets.token_urlsafe(16)
