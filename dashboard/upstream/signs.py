"""What an answer says about the upstream as a whole, kept on the budget.

Blocks after 429s and failures, and rate headers.

Headers only ever tighten: they tell what others use up under the same key, or that one operation has a limit of its
own.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite

from django.db.models import Q

from dashboard.upstream.adapters import Answer
from dashboard.upstream.models import Attempt, Bucket, Budget
from dashboard.upstream.outcomes import Judged, backoff

# So many failures in a row stop the budget as a 429 would.
FAILURES_THAT_BLOCK = 5
_LONGEST_RESET_SECONDS = 24 * 3600.0


def note_signs(attempt: Attempt, judged: Judged, answer: Answer, now: datetime) -> None:
    """Inside the settling transaction, after the delivery was locked.

    Most answers need no lock on the budget at all.
    """
    if judged.sign == "throttled":
        _block(attempt, now, _reset(answer, now), "The upstream's rate limit was reached (429).", throttled=True)
    elif judged.sign == "failed":
        _note_failure(attempt, now)
    elif judged.sign == "well":
        _note_success(attempt)
    if answer.status is not None:
        _note_headers(attempt, answer, now)


def _block(attempt: Attempt, now: datetime, reset: float, reason: str, *, throttled: bool) -> None:
    budget = Budget.objects.select_for_update().get(pk=attempt.budget_id)
    already = budget.blocked_until
    # Answers to requests that left before the block say nothing new: they make it longer, not steeper.
    if not (already and attempt.claimed_at < already):
        budget.block_streak += 1
    wait = max(reset, backoff(budget.block_streak)) if throttled else backoff(budget.block_streak)
    until = now + timedelta(seconds=wait * random.uniform(1.0, 1.05))
    budget.blocked_until = max(until, already or until)
    budget.block_reason = reason
    budget.save(update_fields=["block_streak", "blocked_until", "block_reason"])


def _note_failure(attempt: Attempt, now: datetime) -> None:
    budget = Budget.objects.select_for_update().get(pk=attempt.budget_id)
    budget.failure_run += 1
    budget.save(update_fields=["failure_run"])
    if budget.failure_run >= FAILURES_THAT_BLOCK:
        _block(attempt, now, 0.0, f"{budget.failure_run} calls in a row failed.", throttled=False)


def _note_success(attempt: Attempt) -> None:
    """Only a request that left after the block is the probe that ends it.

    The rival is a 429 that is settled just now.
    """
    over = Q(blocked_until__isnull=True) | Q(blocked_until__lte=attempt.claimed_at)
    Budget.objects.filter(Q(failure_run__gt=0) | Q(block_streak__gt=0), over, pk=attempt.budget_id).update(
        failure_run=0, block_streak=0, blocked_until=None, block_reason="", next_at=None
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) else None


def _reset(answer: Answer, now: datetime) -> float:
    """Seconds until the upstream takes calls again, by the longer of its two ways to say so; 0 when it doesn't."""
    said = [_number(answer.headers.get("x-ratelimit-reset")), _retry_after(answer.headers.get("retry-after"), now)]
    return min(_LONGEST_RESET_SECONDS, max((seconds for seconds in said if seconds is not None), default=0.0))


def _retry_after(text: str | None, now: datetime) -> float | None:
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()


def _note_headers(attempt: Attempt, answer: Answer, now: datetime) -> None:
    limit, remaining = (_number(answer.headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining"))
    if limit is None or remaining is None or limit < 1:
        return
    left, reset = int(max(0.0, remaining)), max(0.0, _number(answer.headers.get("x-ratelimit-reset")) or 0.0)
    until = now + timedelta(seconds=min(reset, _LONGEST_RESET_SECONDS))
    budget = attempt.budget
    for known, seconds in budget.windows:
        if known == limit:
            _note_others(attempt, known, seconds, left, until)
            return
    _note_special(attempt, int(limit), left, until, reset)


def _note_others(attempt: Attempt, limit: int, seconds: float, left: int, until: datetime) -> None:
    """What the upstream counts beyond what it can have counted of ours.

    Every slot held when this request was claimed.
    """
    used = limit - left
    old = next((calls for calls, window, _ in attempt.budget.used_elsewhere if window == seconds), 0)
    if used == 0 and not old:
        return
    since = attempt.claimed_at - timedelta(seconds=seconds)
    ours = Attempt.objects.filter(budget_id=attempt.budget_id, holds_from__gt=since).count()
    others = max(0, used - ours)
    if not others and not old:
        return
    budget = Budget.objects.select_for_update().get(pk=attempt.budget_id)
    kept = [entry for entry in budget.used_elsewhere if entry[1] != seconds]
    budget.used_elsewhere = [*kept, *([[others, seconds, until.isoformat()]] if others else [])]
    budget.save(update_fields=["used_elsewhere"])


def _note_special(attempt: Attempt, limit: int, left: int, until: datetime, reset: float) -> None:
    # The budget's lock is the one that claims count this bucket down under.
    Budget.objects.select_for_update().get(pk=attempt.budget_id)
    flying = Attempt.objects.filter(budget_id=attempt.budget_id, operation=attempt.operation, outcome="")
    bucket = Bucket.objects.filter(budget_id=attempt.budget_id, operation=attempt.operation).first()
    bucket = bucket or Bucket(budget_id=attempt.budget_id, operation=attempt.operation)
    bucket.limit = limit
    bucket.remaining = max(0, left - flying.exclude(pk=attempt.pk).count())
    bucket.resets_at = until
    bucket.seconds = max(bucket.seconds, reset, 1.0)
    bucket.save()
