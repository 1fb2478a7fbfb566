"""The claim: one short transaction that decides what leaves now, and has it in the ledger before it does.

The budget row is its lock, so claims of one budget follow each other, however many drains run. It is never held
during HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from dashboard.upstream.building import Built, build
from dashboard.upstream.departure import Departure
from dashboard.upstream.ledger import Ledger, next_slot, read_ledger
from dashboard.upstream.models import Attempt, Budget, Delivery, Exchange
from dashboard.upstream.picking import Due, next_due, note_turns, pick
from dashboard.upstream.special_limits import SpecialLimits

# A drain says so with every claim; when it is killed, wake-ups start another after this.
DRAIN_LEASE = timedelta(seconds=1)
# The longest that a lost wake-up can delay what became due early.
LONGEST_NAP = timedelta(seconds=5)


@dataclass(frozen=True)
class Round:
    """What one claim found."""

    now: datetime
    departures: tuple[Departure, ...] = ()
    quiet: tuple[int, ...] = ()  # deliveries that need no call, or can't be built: settled without one
    next_at: datetime | None = None  # when the next may leave; None: nothing waits
    in_flight: bool = False


@dataclass
class _Taken:
    built: list[Built] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)


def claim(budget_id: int, *, draining: bool = True, only: int | None = None) -> Round:
    """Takes what may leave now. With `only`, that delivery or nothing."""
    with transaction.atomic():
        budget = Budget.objects.select_for_update().get(pk=budget_id)
        claimed = time.monotonic()
        ledger = read_ledger(budget)
        due = _may_leave(budget, ledger, only)
        taken = _build(budget, due, ledger.now)
        departures = _enter(budget, taken.built, ledger.now, claimed)
        urgent = sum(one.delivery.urgent for one in taken.built)
        after = ledger.after(urgent, len(departures) - urgent)
        next_at = _next(budget, after, fewer=len(due) - len(departures))
        _note(budget, after, next_at, draining=draining)
    return Round(ledger.now, departures, tuple(taken.quiet), next_at, ledger.in_flight or bool(departures))


def _may_leave(budget: Budget, ledger: Ledger, only: int | None) -> list[Due]:
    urgent, others = ledger.open_to_urgent(), ledger.open_to_backlog()
    if budget.blocked_until and budget.blocked_until > ledger.now:
        return []
    if budget.block_streak:
        # After a block one probe at a time, until one is answered well.
        urgent = min(urgent, 0 if ledger.in_flight else 1)
    if only is not None:
        return pick(budget, ledger.now, urgent=urgent, others=urgent, only=only)
    if not ledger.urgent and not ledger.backlog:
        return []
    return pick(budget, ledger.now, urgent=urgent, others=min(others, urgent))


def _build(budget: Budget, due: Sequence[Due], now: datetime) -> _Taken:
    taken = _Taken()
    if not due:
        return taken
    rows = Delivery.objects.select_related("connection__organization").in_bulk([one.delivery_id for one in due])
    limits = SpecialLimits(budget, now)
    for one in due:
        built = build(rows[one.delivery_id])
        if built is None:
            taken.quiet.append(one.delivery_id)
        elif limits.admits(built.call.operation):
            taken.built.append(built)
        else:
            # Its place in the queue stays; it just isn't looked at before.
            Delivery.objects.filter(pk=one.delivery_id).update(due_at=limits.resets_at(built.call.operation))
    limits.save()
    return taken


def _enter(budget: Budget, built: Sequence[Built], now: datetime, claimed: float) -> tuple[Departure, ...]:
    """Into the ledger, before anything leaves."""
    if not built:
        return ()
    attempts = Attempt.objects.bulk_create(one.attempt(budget, now) for one in built)
    Exchange.objects.bulk_create(one.exchange(attempt) for one, attempt in zip(built, attempts, strict=True))
    for operation in {one.call.operation for one in built}:
        sending = [one.delivery.pk for one in built if one.call.operation == operation]
        Delivery.objects.filter(pk__in=sending).update(state=Delivery.State.SENDING, operation=operation)
    taken = [Due(one.delivery.connection_id, one.delivery.pk, one.delivery.urgent) for one in built]
    note_turns(taken, now)
    return tuple(one.departure(attempt, claimed) for one, attempt in zip(built, attempts, strict=True))


def _next(budget: Budget, after: Ledger, *, fewer: int) -> datetime | None:
    if not after.urgent and not after.backlog:
        return None
    if budget.blocked_until and budget.blocked_until > after.now:
        return budget.blocked_until
    if budget.block_streak:
        return after.now + timedelta(seconds=1)
    slot = next_slot(budget, after)
    if slot is None or slot > after.now or fewer:
        return slot
    # Slots are free, yet what waits did not leave: it is not due yet, or its lane is busy, which its answer ends.
    later = next_due(budget, after.now)
    return later or after.now + LONGEST_NAP


def _note(budget: Budget, after: Ledger, next_at: datetime | None, *, draining: bool) -> None:
    nap = min(next_at or after.now + LONGEST_NAP, after.now + LONGEST_NAP)
    # A full window was counted no further than its limit, so nothing is known about what it holds at the most.
    held = [[window.held, window.seconds] for window in after.windows if window.held < window.limit]
    changes: dict[str, Any] = {"next_at": nap, "held_at_most": held}
    if draining:
        changes["drained_until"] = after.now + DRAIN_LEASE
    Budget.objects.filter(pk=budget.pk).update(**changes)
