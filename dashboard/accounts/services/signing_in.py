"""Signing in and out, with a lock after repeated failures, all of it on record in every organization concerned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.contrib import auth
from django.http import HttpRequest
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.accounts.services.account_log import account_change
from dashboard.events.recording import Actor

WRONG = "E-mail or password is wrong. Check both and try again."


@dataclass(frozen=True)
class SignedIn:
    user: User | None
    refusal: str = ""
    locked_until: datetime | None = None


def sign_in(*, request: HttpRequest, email: str, password: str) -> SignedIn:
    """Check the password and start a fresh session. Addresses that nobody has are refused and locked like others."""
    was_locked = _is_locked(request, email)
    user = auth.authenticate(request, email=email, password=password)
    if user is not None:
        with account_change(user, "member.signed_in", Actor.of_user(user, request_id_of(request))):
            auth.login(request, user)
        return SignedIn(user)
    until = _locked_until(request, email) if _is_locked(request, email) else None
    if not was_locked:
        _record_failure(request, email, locked=until is not None)
    return SignedIn(None, _locked_sentence(until) if until else WRONG, until)


def sign_out(*, request: HttpRequest) -> None:
    """Repeating it changes nothing."""
    user = request.user
    if not user.is_authenticated:
        return
    with account_change(user, "member.signed_out", Actor.of_request(request)):
        auth.logout(request)


def request_id_of(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def _is_locked(request: HttpRequest, email: str) -> bool:
    return not AxesProxyHandler.is_allowed(request, {"email": email})


def _locked_sentence(until: datetime) -> str:
    minutes = max(1, -(-int((until - timezone.now()).total_seconds()) // 60))
    return (
        f"Too many wrong passwords: this account is locked until {until:%H:%M} UTC, "
        f"in {minutes} {'minute' if minutes == 1 else 'minutes'}."
    )


def _locked_until(request: HttpRequest, email: str) -> datetime:
    """When enough of the failures have grown old enough; tries during the lock don't move it."""
    cool_off = get_cool_off(request)
    attempts = list(AccessAttempt.objects.filter(username=email).order_by("attempt_time"))
    counted = sum(attempt.failures_since_start for attempt in attempts)
    for attempt in attempts:
        counted -= attempt.failures_since_start
        if counted < get_failure_limit(request, {"email": email}):
            return cast("datetime", attempt.attempt_time + cool_off)
    return timezone.now()


def _record_failure(request: HttpRequest, email: str, *, locked: bool) -> None:
    """Not as the user: nobody has shown to be them. Ends with the lock, so that guessing can't flood the log."""
    user = User.objects.filter(email=email).first()
    if user is not None:
        kind = "member.locked_out" if locked else "member.sign_in_failed"
        with account_change(user, kind, Actor("system", request_id_of(request))):
            pass
