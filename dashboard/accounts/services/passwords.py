"""Passwords: changed by their owner, or made for someone and shown once."""

from __future__ import annotations

import secrets
import uuid

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import auth
from django.http import HttpRequest

from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import Membership, Organization, User
from dashboard.accounts.services.account_log import account_change
from dashboard.events.recording import Actor, recording


def change_password(*, request: HttpRequest, user: User, current: str, new: str) -> None:
    """Ends every other session of this user: each carries a digest of the password it began with."""
    if not user.check_password(current):
        raise AccountError("This is not your current password.", field="current")
    with account_change(user, "member.password_changed", Actor.of_request(request)):
        user.set_password(new)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        auth.update_session_auth_hash(request, user)  # a new session key for this one, too


def reset_password(*, organization: Organization, actor: Actor, user_id: uuid.UUID) -> str:
    """A new one-time password for someone who lost theirs; all their sessions end, and a lock with them.

    Only for people of this organization alone: for others, one organization's owner would get hold of another's member.
    """
    with recording(organization, actor) as log:
        user = User.objects.select_for_update().filter(pk=user_id, memberships__organization=organization).first()
        if user is None:
            raise AccountError("This person is no longer a member.")
        if Membership.objects.filter(user=user).exclude(organization=organization).exists():
            raise AccountError(f"{user} belongs to other organizations too. Ask who runs this server to reset it.")
        password = one_time_password()
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        AxesProxyHandler.reset_attempts(username=user.email)
        log.record("member.password_reset", subject=f"user:{user.pk}")
    return password


def one_time_password() -> str:
    """128 random bits: it passes every rule for passwords, and must be changed at the first sign-in."""
    return secrets.token_urlsafe(16)
