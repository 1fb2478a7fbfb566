"""What a forecast starts from: slots held, how fast the upstream answers, and the queue in its order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from django.db import connection

from dashboard.upstream.clock import NOW
from dashboard.upstream.ledger import Window, windows_of
from dashboard.upstream.models import Budget, Connection

COUNTED = 100_000


@dataclass(frozen=True)
class Waiting:
    delivery_id: int
    connection_id: UUID
    lane: UUID
    rank: int
    urgent: bool
    due_at: float


@dataclass
class Queue:
    urgent: int = 0
    bulk: int = 0
    sending: int = 0
    first: list[Waiting] = field(default_factory=list)


@dataclass(frozen=True)
class Situation:
    """Times are seconds since the epoch: a forecast does arithmetic on thousands of them."""

    now: float
    windows: tuple[Window, ...]
    held: list[float]  # when each slot began to count down, sorted; in flight: as if answered after the usual time
    latency: float
    queues: dict[UUID, Queue]  # of active connections, least recently served first
    blocked_until: float
    block_reason: str
    probing: bool

    @property
    def bulk(self) -> int:
        return sum(queue.bulk for queue in self.queues.values())

    def queue_of(self, connection_id: UUID) -> Queue:
        return self.queues.get(connection_id, Queue())

    def in_turns(self) -> list[Waiting]:
        """Urgent ones first, and connections in turns: the order in which claims take them."""
        ordered: list[Waiting] = []
        for urgent in (True, False):
            queues = [[one for one in queue.first if one.urgent is urgent] for queue in self.queues.values()]
            ordered += [one for turn in zip_longest(*queues) for one in turn if one is not None]
        return ordered


_CLOCK_AND_LATENCY = f"""
SELECT {NOW}, (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - claimed_at)) FROM (
        SELECT answered_at, claimed_at FROM upstream_attempt
        WHERE budget_id = %(budget)s AND status IS NOT NULL AND holds_from > {NOW} - interval '1 day'
        ORDER BY holds_from DESC LIMIT 50) AS recent)
"""  # noqa: S608 - our own constant
_HELD = """
SELECT extract(epoch FROM CASE WHEN outcome = '' AND answered_at IS NULL
    THEN greatest(%(now)s, claimed_at + %(latency)s * interval '1 second') ELSE holds_from END)::float8 AS held
FROM upstream_attempt
WHERE budget_id = %(budget)s AND holds_from > %(now)s - %(longest)s * interval '1 second' ORDER BY held
"""
_FIRST = """
SELECT id, connection_id, lane, rank, urgent, extract(epoch FROM due_at)::float8 FROM upstream_delivery
WHERE connection_id = %s AND state IN ('waiting', 'retrying') ORDER BY urgent DESC, queued_at, id LIMIT %s
"""
_COUNT = """
SELECT count(*) FROM (
    SELECT FROM upstream_delivery WHERE connection_id = %s AND state IN ('waiting', 'retrying') AND urgent = %s
    LIMIT %s) AS few
"""
_SENDING = """
SELECT count(*) FROM upstream_attempt WHERE outcome = '' AND answered_at IS NULL AND connection_id = %s
"""
# Until an upstream has answered for the first time.
_USUAL_LATENCY = 0.2


def read_situation(budget: Budget, *, first: int) -> Situation:
    now, latency = _clock_and_latency(budget)
    active = Connection.objects.filter(budget=budget, state=Connection.State.ACTIVE)
    ids = active.order_by("served_at", "pk").values_list("pk", flat=True)
    return Situation(
        now=now.timestamp(),
        windows=windows_of(budget, now),
        held=_held(budget, now, latency),
        latency=latency,
        queues={pk: _queue(pk, first) for pk in ids},
        blocked_until=budget.blocked_until.timestamp() if budget.blocked_until else 0.0,
        block_reason=budget.block_reason,
        probing=budget.block_streak > 0,
    )


def _clock_and_latency(budget: Budget) -> tuple[datetime, float]:
    with connection.cursor() as cursor:
        cursor.execute(_CLOCK_AND_LATENCY, {"budget": budget.pk})
        now, latency = cursor.fetchone()
    return now, _USUAL_LATENCY if latency is None else float(latency)


def _held(budget: Budget, now: datetime, latency: float) -> list[float]:
    longest = max(seconds for _, seconds in budget.windows)
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"budget": budget.pk, "now": now, "latency": latency, "longest": longest})
        return [row[0] for row in cursor.fetchall()]


def _queue(connection_id: UUID, first: int) -> Queue:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [connection_id, first])
        rows = [Waiting(*row) for row in cursor.fetchall()]
        counts = []
        for urgent in (True, False):
            cursor.execute(_COUNT, [connection_id, urgent, COUNTED])
            counts.append(cursor.fetchone()[0])
        cursor.execute(_SENDING, [connection_id])
        return Queue(counts[0], counts[1], cursor.fetchone()[0], rows)
