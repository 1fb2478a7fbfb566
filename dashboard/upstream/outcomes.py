"""What an answer, or none, means: pure decisions, nothing stored. CONTRACTS 6 says what follows an unknown outcome."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from dashboard.registry import registry
from dashboard.upstream.adapters import Answer, Verdict
from dashboard.upstream.inquiries import OWN_SUBJECTS
from dashboard.upstream.models import Attempt, Delivery
from dashboard.upstream.transport import NOT_BEGUN

Sign = Literal["well", "throttled", "key_refused", "failed", "nothing"]

LONGEST_BACKOFF_SECONDS = 300.0
# So many unknown outcomes of one delivery in a row, then a person decides.
GIVEN_UP_AFTER = 10
KEY_REFUSED = "The upstream refused the key (401). Ask its Success Manager for a valid one, replace it here and resume."
_RETRY, _UNKNOWN, _NOT_SENT = Attempt.Outcome.RETRYING, Attempt.Outcome.UNKNOWN, Attempt.Outcome.NOT_SENT


@dataclass(frozen=True)
class Judged:
    outcome: Attempt.Outcome
    sign: Sign  # what it says about the upstream as a whole
    detail: str = ""
    reason_field: str = ""
    remote_id: str = ""
    claims: dict[str, Any] | None = None
    parsed: Any = None  # an inquiry's answer


@dataclass(frozen=True)
class Step:
    """Where a delivery goes from here."""

    state: Delivery.State
    due_at: datetime
    failures: int
    asks: bool = False
    reason: str = ""


_THE_FLOORS = {
    429: Judged(_RETRY, "throttled", "The upstream said that its rate limit is reached (429)."),
    401: Judged(_RETRY, "key_refused", KEY_REFUSED),
}


def judge(attempt: Attempt, answer: Answer) -> Judged:
    """429, 401 and connections that never stood are the floor's to judge; only readable 2xx and 4xx the adapter's."""
    if not answer.sent:
        not_begun = answer.error == NOT_BEGUN
        return Judged(_NOT_SENT if not_begun else _RETRY, "nothing" if not_begun else "failed", answer.error)
    if answer.status is None:
        return Judged(_UNKNOWN, "failed", answer.error)
    if answer.status in _THE_FLOORS:
        return _THE_FLOORS[answer.status]
    if not (200 <= answer.status < 300 or 400 <= answer.status < 500):
        detail = f"The upstream answered {answer.status}, which says nothing about the request."
        return Judged(_UNKNOWN, "failed", detail)
    return Judged(_UNKNOWN, "failed", answer.error) if answer.error else _read(attempt, answer)


def _read(attempt: Attempt, answer: Answer) -> Judged:
    adapter = registry.adapter(attempt.connection.system)
    try:
        if attempt.delivery.subject_type not in OWN_SUBJECTS:
            return judged_by(adapter.read(attempt, answer))
        if answer.status is not None and answer.status < 300:
            return Judged(Attempt.Outcome.DELIVERED, "well", parsed=adapter.answers(answer))
        return Judged(Attempt.Outcome.REFUSED, "well", f"The upstream answered {answer.status} to a read of its list.")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return Judged(
            _UNKNOWN, "failed", f"The upstream answered {answer.status} with a body that can't be read: {error}"
        )


def judged_by(verdict: Verdict) -> Judged:
    sign: Sign = "failed" if verdict.outcome == "unknown" else "well"
    return Judged(
        Attempt.Outcome(verdict.outcome), sign, verdict.detail, verdict.reason_field, verdict.remote_id, verdict.claims
    )


def next_step(delivery: Delivery, attempt: Attempt, judged: Judged, now: datetime) -> Step:
    """The delivery's state after this attempt. `failures` counts since it was last delivered or a person acted."""
    state = Delivery.State
    if judged.outcome == Attempt.Outcome.DELIVERED:
        return Step(state.WAITING if delivery.revision > attempt.revision else state.DELIVERED, now, 0)
    if judged.outcome == Attempt.Outcome.REFUSED:
        # Changed meanwhile: perhaps exactly what was wrong.
        changed = delivery.revision > attempt.revision
        return Step(state.WAITING, now, 0) if changed else Step(state.REFUSED, now, 0, reason=judged.detail)
    if judged.outcome == _NOT_SENT or judged.sign == "key_refused":
        return Step(state.WAITING, now, delivery.failures, reason=judged.detail)
    failures = delivery.failures + 1
    later = now + timedelta(seconds=backoff(failures))
    if judged.outcome == _RETRY:
        # A 429 stops the whole budget; this delivery keeps its place and needs no delay of its own.
        due = now if judged.sign == "throttled" else later
        return Step(state.RETRYING, due, failures, reason=judged.detail)
    return _after_unknown(attempt, judged.detail, failures, later)


def _after_unknown(attempt: Attempt, detail: str, failures: int, later: datetime) -> Step:
    if attempt.on_unknown == "ask":
        return Step(Delivery.State.UNKNOWN, later, failures, asks=True, reason=detail)
    if attempt.on_unknown == "person":
        return Step(Delivery.State.UNKNOWN, later, failures, reason=detail)
    if failures >= GIVEN_UP_AFTER:
        reason = f"Sent {failures} times without a readable answer. {detail}"
        return Step(Delivery.State.GIVEN_UP, later, failures, reason=reason)
    # Not before the old request is over, or the two could overtake each other.
    return Step(Delivery.State.RETRYING, max(later, attempt.deadline_at), failures, reason=detail)


def backoff(failures: int) -> float:
    """Exponential from a second on, with jitter, so that many who failed together don't return together."""
    longest = min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(failures - 1, 16))
    return longest * random.uniform(0.5, 1.0)
