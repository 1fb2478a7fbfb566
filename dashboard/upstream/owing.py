"""What an upstream is owed: written in the transaction that caused it, one row per (connection, subject).

The row says *that* something is owed, never what to send. So owing twice is one delivery, and five edits while it
waits are one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from dashboard.events.recording import Log
from dashboard.upstream.clock import NOW
from dashboard.upstream.models import Connection
from dashboard.upstream.wake import waking


@dataclass(frozen=True)
class Owed:
    subject_id: UUID
    lane: UUID
    rank: int = 0
    revision: int = 1


# Rows in flight only learn the new revision: settling them sends them again. Rows that wait keep their place. The rest
# starts over at the end of the queue; what was given up while nobody knew whether it had arrived is asked about first.
# The claim is the rival: it skips rows that are locked here and reads the subject after its own lock, so one of the two
# sees the other's work.
_OPEN = "d.state IN ('waiting', 'retrying', 'sending', 'unknown')"
_OWE = f"""
INSERT INTO upstream_delivery AS d (
    organization_id, connection_id, subject_type, subject_id, lane, rank, urgent, state, revision,
    acknowledged_revision, remote_id, queued_at, due_at, failures, reason, reason_field, operation, asks,
    request_id, created_at)
SELECT %(organization)s, %(connection)s, %(subject_type)s, o.subject_id, o.lane, o.rank, %(urgent)s, 'waiting',
    o.revision, 0, '', clock.now, clock.now, 0, '', '', '', false, %(request_id)s, clock.now
FROM (SELECT {NOW} AS now) AS clock,
    unnest(%(subjects)s::uuid[], %(lanes)s::uuid[], %(ranks)s::int[], %(revisions)s::bigint[])
    WITH ORDINALITY AS o (subject_id, lane, rank, revision, n)
ORDER BY o.n
ON CONFLICT (connection_id, subject_type, subject_id) DO UPDATE SET
    revision = greatest(d.revision, excluded.revision),
    lane = excluded.lane,
    rank = excluded.rank,
    request_id = excluded.request_id,
    urgent = excluded.urgent OR (d.urgent AND {_OPEN}),
    state = CASE WHEN {_OPEN} THEN d.state
        WHEN d.unknown_since IS NOT NULL THEN 'unknown' ELSE 'waiting' END,
    asks = d.asks OR (d.state = 'given_up' AND d.unknown_since IS NOT NULL),
    queued_at = CASE WHEN {_OPEN} THEN d.queued_at ELSE excluded.queued_at END,
    due_at = CASE WHEN {_OPEN} THEN d.due_at ELSE excluded.due_at END,
    failures = CASE WHEN {_OPEN} THEN d.failures ELSE 0 END,
    reason = CASE WHEN {_OPEN} THEN d.reason ELSE '' END,
    reason_field = CASE WHEN {_OPEN} THEN d.reason_field ELSE '' END,
    settled_at = CASE WHEN {_OPEN} THEN d.settled_at END
WHERE NOT (d.state = 'delivered' AND d.acknowledged_revision >= excluded.revision)
"""  # noqa: S608 - our own constants

# What must leave before something urgent is urgent too, else the lane would hold it up behind the bulk.
_HURRY_LANES = """
UPDATE upstream_delivery SET urgent = true
WHERE connection_id = %s AND lane = ANY(%s) AND NOT urgent AND state IN ('waiting', 'retrying')
"""


def owe(log: Log, *, system: str, subject_type: str, owed: Sequence[Owed], urgent: bool = False) -> None:
    """For the organization's connection of that system, if there is one. Call after the subjects were locked."""
    upstream = Connection.objects.filter(organization=log.organization, system=system).only("id", "budget_id").first()
    if upstream is None or not owed:
        return
    owe_on(log, upstream, subject_type=subject_type, owed=owed, urgent=urgent)


def owe_on(log: Log, upstream: Connection, *, subject_type: str, owed: Sequence[Owed], urgent: bool = False) -> None:
    values: dict[str, Any] = {
        "organization": log.organization.pk,
        "connection": upstream.pk,
        "subject_type": subject_type,
        "urgent": urgent,
        "request_id": log.actor.request_id,
        "subjects": [one.subject_id for one in owed],
        "lanes": [one.lane for one in owed],
        "ranks": [one.rank for one in owed],
        "revisions": [one.revision for one in owed],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWE, values)
        if urgent:
            cursor.execute(_HURRY_LANES, [upstream.pk, list({one.lane for one in owed})])
    log.after_commit(waking(upstream.budget_id, urgent=urgent))
