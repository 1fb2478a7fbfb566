"""Which deliveries leave next.

Urgent ones first, then the connections of a budget in turns, each in the order of its queue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, zip_longest
from typing import Any
from uuid import UUID

from django.db import connection

from dashboard.upstream.models import Budget

# A lane sends one at a time and in order: none leaves while another of its lane is on the way, of unknown outcome,
# or before it. SKIP LOCKED: a row that a service is changing is left to the next look, so a claim never waits for
# one.
_DUE = """
SELECT c.id, due.id, due.urgent
FROM upstream_connection AS c CROSS JOIN LATERAL (
    SELECT d.id, d.urgent FROM upstream_delivery AS d
    WHERE d.connection_id = c.id AND d.state IN ('waiting', 'retrying') AND d.due_at <= %(now)s
        AND (NOT %(urgent_only)s OR d.urgent)
        AND NOT EXISTS (
            SELECT FROM upstream_delivery AS o
            WHERE o.connection_id = d.connection_id AND o.lane = d.lane AND o.id <> d.id
                AND o.state IN ('waiting', 'retrying', 'sending', 'unknown')
                AND (o.state IN ('sending', 'unknown') OR (o.rank, o.id) < (d.rank, d.id)))
    ORDER BY d.urgent DESC, d.queued_at, d.id LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED) AS due
WHERE c.budget_id = %(budget)s AND c.state = 'active'
ORDER BY c.served_at NULLS FIRST, c.id
"""
# A person's test of one connection: that delivery or nothing, paused or not.
_ONLY = """
SELECT d.connection_id, d.id, d.urgent
FROM upstream_delivery AS d JOIN upstream_connection AS c ON c.id = d.connection_id
WHERE d.id = %(only)s AND c.budget_id = %(budget)s AND d.state IN ('waiting', 'retrying')
FOR UPDATE OF d SKIP LOCKED
"""
_LATER = """
SELECT min(due_at) FROM (
    SELECT d.due_at FROM upstream_delivery AS d JOIN upstream_connection AS c ON c.id = d.connection_id
    WHERE c.budget_id = %s AND c.state = 'active' AND d.state IN ('waiting', 'retrying') AND d.due_at > %s
    LIMIT 1000) AS few
"""


@dataclass(frozen=True)
class Due:
    connection_id: UUID
    delivery_id: int
    urgent: bool


def in_turns(due: Sequence[Due]) -> Iterator[Due]:
    """One of each connection in turn; the rows come by connection, least recently served first."""
    queues: dict[UUID, list[Due]] = {}
    for one in due:
        queues.setdefault(one.connection_id, []).append(one)
    return (one for turn in zip_longest(*queues.values()) for one in turn if one is not None)


def pick(budget: Budget, now: datetime, *, urgent: int, others: int, only: int | None = None) -> list[Due]:
    """At most `urgent` in all, of them at most `others` that are not urgent; locked."""
    if urgent <= 0:
        return []
    values: dict[str, Any] = {
        "budget": budget.pk,
        "now": now,
        "limit": urgent,
        "only": only,
        "urgent_only": others <= 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE if only is None else _ONLY, values)
        due = [Due(*row) for row in cursor.fetchall()]
    first = list(islice(in_turns([one for one in due if one.urgent]), urgent))
    # Urgent ones take slots too, so what is open to the others shrinks with them.
    then = islice(in_turns([one for one in due if not one.urgent]), max(0, others - len(first)))
    return [*first, *then]


def next_due(budget: Budget, now: datetime) -> datetime | None:
    """When the first of those becomes due that must still wait."""
    with connection.cursor() as cursor:
        cursor.execute(_LATER, [budget.pk, now])
        later: datetime | None = cursor.fetchone()[0]
    return later


def note_turns(taken: Sequence[Due], now: datetime) -> None:
    """In the order of their last call, so that the next claim goes on where this one stopped."""
    last = {one.connection_id: place for place, one in enumerate(taken)}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upstream_connection AS c SET served_at = %s + t.place * interval '1 microsecond' "
            "FROM unnest(%s::uuid[], %s::int[]) AS t (id, place) WHERE c.id = t.id",
            [now, list(last), list(last.values())],
        )
