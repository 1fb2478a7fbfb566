"""Re-walks an organization's chain from the first row to the head, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from dashboard.accounts.models import Organization
from dashboard.events.chain import GENESIS, Link, Row, walk
from dashboard.events.models import ChainHead, Event

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class LogCheck:
    ok: bool
    rows: int
    head: str
    first_bad_seq: int | None


def check_log(organization: Organization) -> LogCheck:
    """One snapshot, so that what is appended meanwhile is no finding."""
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        stored = ChainHead.objects.filter(organization=organization).first()
        walked = walk(_links(organization))
    seq, head = (stored.event_seq, bytes(stored.event_hash)) if stored else (0, GENESIS)
    bad = walked.first_bad_seq
    if bad is None and (walked.seq, walked.head) != (seq, head):
        # Rows that the head knows are gone, or there are some that it never saw.
        bad = min(walked.seq, seq) + 1 if walked.seq != seq else seq
    return LogCheck(bad is None, walked.rows, walked.head.hex(), bad)


def _links(organization: Organization) -> Iterator[Link]:
    events = (
        Event.objects.filter(organization=organization)
        .order_by("seq")
        .values_list("seq", "at", "kind", "actor", "subject", "request_id", "data", "body_hash", "hash", "body__text")
    )
    for seq, at, kind, actor, subject, request_id, data, body_hash, stored, body in events.iterator(_ROWS_AT_ONCE):
        row = Row(
            organization=str(organization.pk),
            seq=seq,
            at=at,
            kind=kind,
            actor=actor,
            subject=subject,
            request_id=request_id,
            data=data,
            body_hash=bytes(body_hash),
        )
        yield Link(row, bytes(stored), body)
