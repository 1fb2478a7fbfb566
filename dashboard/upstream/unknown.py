"""Unknown outcomes that a read can settle: one inquiry at a time per connection asks for all of them.

A yes counts at once. A no counts only from a read that began so late that the old request was certainly over: two
timeouts after it left (CONTRACTS 6). Until then its lane waits, a cancel too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min

from dashboard.events.recording import SYSTEM, Log, recording
from dashboard.registry import registry
from dashboard.upstream.clock import database_now
from dashboard.upstream.inquiries import INQUIRY
from dashboard.upstream.models import Attempt, Connection, Delivery
from dashboard.upstream.moving import adapter_of, apply_step, locked, move, report
from dashboard.upstream.outcomes import GIVEN_UP_AFTER, Step, judged_by, next_step
from dashboard.upstream.owing import Owed, owe_on
from dashboard.upstream.transport import LATEST_START_SECONDS

_AT_ONCE = 100
_ABSENT = "The upstream does not have it, so it is sent again."


def ask(log: Log, connection: Connection) -> bool:
    """Owes the connection's inquiry. False where the upstream offers no read: then a person has to decide."""
    if registry.adapter(connection.system).inquiry(connection) is None:
        return False
    # Ever higher, so that what becomes unknown while one is on its way is asked about again.
    revision = int(database_now().timestamp() * 1000)
    owed = Owed(connection.pk, lane=connection.pk, revision=revision)
    owe_on(log, connection, subject_type=INQUIRY, owed=[owed], urgent=True)
    return True


def settle_unknowns(inquiry: Attempt, parsed: Any) -> None:
    """Before the inquiry itself is settled: a crash in between only means asking once more."""
    waiting = Delivery.objects.filter(connection=inquiry.connection, state=Delivery.State.UNKNOWN, asks=True)
    rows = list(waiting.select_related("connection").order_by("pk"))
    for start in range(0, len(rows), _AT_ONCE):
        with recording(inquiry.organization, SYSTEM) as log:
            _settle(log, locked(rows[start : start + _AT_ONCE]), inquiry, parsed)


def _settle(log: Log, deliveries: Sequence[Delivery], inquiry: Attempt, parsed: Any) -> None:
    now = database_now()
    ids = [one.pk for one in deliveries]
    last = dict(Attempt.objects.filter(delivery__in=ids).values_list("delivery").annotate(Max("pk")))
    attempts = Attempt.objects.in_bulk(list(last.values()))
    for delivery in deliveries:
        # The row lock's rival is a person who gave it up or sent it again meanwhile.
        if delivery.state != Delivery.State.UNKNOWN or not delivery.asks:
            continue
        verdict = adapter_of(delivery).found(delivery, parsed)
        if verdict is not None:
            attempt, judged = attempts[last[delivery.pk]], judged_by(verdict)
            step = next_step(delivery, attempt, judged, now)
            move(log, delivery, attempt=attempt, judged=judged, step=step, now=now, answer=None)
        elif inquiry.claimed_at >= no_counts_from(delivery):
            _send_again(log, delivery, now)


def no_counts_from(delivery: Delivery) -> datetime:
    since = delivery.unknown_since or delivery.due_at
    return since + timedelta(seconds=delivery.connection.timeout_seconds + LATEST_START_SECONDS)


def _send_again(log: Log, delivery: Delivery, now: datetime) -> None:
    given_up = delivery.failures >= GIVEN_UP_AFTER
    state = Delivery.State.GIVEN_UP if given_up else Delivery.State.WAITING
    reason = f"Sent {delivery.failures} times, and the upstream still does not have it." if given_up else _ABSENT
    apply_step(delivery, Step(state, now, delivery.failures, reason=reason), now)
    delivery.save()
    report(log, [delivery], "delivery.given_up" if given_up else "delivery.absent")


def after_inquiry(inquiry: Delivery, now: datetime) -> Step:
    """Asked again while something is still unknown: when a no would count, and not in quick succession."""
    open_ones = Delivery.objects.filter(connection=inquiry.connection, state=Delivery.State.UNKNOWN, asks=True)
    since = open_ones.aggregate(since=Min("unknown_since"))["since"]
    if since is None:
        return Step(Delivery.State.DELIVERED, now, 0)
    timeout = inquiry.connection.timeout_seconds
    due = max(since + timedelta(seconds=timeout + LATEST_START_SECONDS), now + timedelta(seconds=timeout / 2))
    return Step(Delivery.State.WAITING, due, 0)


def ask_where_nobody_does() -> None:
    """The second net: unknown outcomes whose connection has no inquiry on its way."""
    unknown = Delivery.objects.filter(state=Delivery.State.UNKNOWN, asks=True)
    asked = Delivery.objects.filter(subject_type=INQUIRY, state__in=Delivery.OPEN).values("connection")
    stuck = unknown.exclude(connection__in=asked).values("connection").distinct()
    for connection in Connection.objects.select_related("organization").filter(pk__in=stuck):
        with recording(connection.organization, SYSTEM) as log:
            ask(log, connection)
