"""A drain: claims what may leave, sends it, sleeps until the next slot; for five seconds at the most.

Any number may run, overlap or be killed: the ledger decides what leaves, not they.
"""

from __future__ import annotations

import threading
import time

from dashboard.upstream.claim import Round, claim
from dashboard.upstream.models import Budget
from dashboard.upstream.recorder import recorder
from dashboard.upstream.settle import settle_quietly
from dashboard.upstream.wake import enqueue, nap

LIFE_SECONDS = 5.0
# Nothing can leave for longer than this: the drain ends, and the ticker starts another in time.
_PATIENCE_SECONDS = 1.0
_TOUCH_SECONDS = 0.1
stopping = threading.Event()


def drain(budget_id: int, *, life: float = LIFE_SECONDS) -> bool:
    """True when it ended only because its time was over: there is more to send."""
    end = time.monotonic() + life
    while not stopping.is_set():
        pause = _pause(send_round(budget_id))
        if pause is None:
            break
        if time.monotonic() + pause > end:
            _leave(budget_id)
            return True
        _sleep(budget_id, pause)
    _leave(budget_id)
    return False


def send_round(budget_id: int, *, draining: bool = True) -> Round:
    send = recorder().send  # made before the claim: its start must not cost the request's time
    found = claim(budget_id, draining=draining)
    for departure in found.departures:
        send(departure)
    for delivery_id in found.quiet:
        settle_quietly(delivery_id=delivery_id)
    return found


def _pause(found: Round) -> float | None:
    """Seconds until the next claim, or None when nothing can leave for a while."""
    if found.quiet:
        return 0.0
    if found.next_at is None:
        return None
    seconds = max(0.0, (found.next_at - found.now).total_seconds())
    if found.in_flight:
        # An answer may free its slot a window later: sooner than this claim could know.
        return min(seconds, _PATIENCE_SECONDS / 2)
    return seconds if seconds <= _PATIENCE_SECONDS else None


def _sleep(budget_id: int, seconds: float) -> None:
    """In short steps: other processes' new work is seen on the budget."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not stopping.is_set():
        nap(budget_id, min(left, _TOUCH_SECONDS))
        if end - time.monotonic() > 0 and Budget.objects.filter(pk=budget_id, next_at=None).exists():
            return


def _leave(budget_id: int) -> None:
    """From now on a wake-up starts a drain again."""
    Budget.objects.filter(pk=budget_id).update(drained_until=None)


def drain_on(budget_id: int, *, once: bool = False) -> None:
    """A drain whose time is over hands on to another, without waiting for the ticker.

    With `once` another one is at work already, and only something urgent should not wait for its next look.
    """
    if once:
        send_round(budget_id, draining=False)
    elif drain(budget_id) and not stopping.is_set():
        enqueue("dashboard.upstream.tasks.drain", budget_id)
