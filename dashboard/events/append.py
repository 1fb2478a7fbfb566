"""Appends a transaction's events to an organization's chain. Only recording.py calls this, as its last act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import DateTimeField, Func

from dashboard.events.canonical_json import Json, canonical_json, plain
from dashboard.events.chain import Row, body_hash, event_hash
from dashboard.events.models import ChainHead, Event, EventBody

_ROWS_PER_STATEMENT = 100
_LONGEST = {"kind": 64, "actor": 64, "subject": 80, "request_id": 64}


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has a place in the chain."""

    kind: str
    actor: str
    subject: str
    request_id: str
    data: Json
    body: str | None

    @classmethod
    def of(
        cls,
        *,
        kind: str,
        actor: str,
        subject: str,
        request_id: str,
        data: Mapping[str, object],
        body: Mapping[str, object] | None,
    ) -> Draft:
        try:
            text = None if body is None else canonical_json(plain(body)).decode()
            draft = cls(kind, actor, subject, request_id, plain(data), text)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{kind} about {subject} cannot be recorded: {error}") from error
        for name, longest in _LONGEST.items():
            if len(getattr(draft, name)) > longest:
                raise ValueError(f"{kind} about {subject} cannot be recorded: its {name} is over {longest} characters.")
        return draft


def append(organization_id: UUID, drafts: Sequence[Draft]) -> None:
    """Inside a transaction. The head's lock is what makes seq gap-free and its order the order of commits."""
    head, now = _lock_head(organization_id)
    events = []
    for draft in drafts:
        events.append(_next_event(head, draft, now))
        head.event_seq, head.event_hash = events[-1].seq, events[-1].hash
    Event.objects.bulk_create(events, batch_size=_ROWS_PER_STATEMENT)
    bodies = [
        EventBody(event=event, text=draft.body)
        for event, draft in zip(events, drafts, strict=True)
        if draft.body is not None
    ]
    EventBody.objects.bulk_create(bodies, batch_size=_ROWS_PER_STATEMENT)
    ChainHead.objects.filter(pk=head.pk).update(event_seq=head.event_seq, event_hash=head.event_hash)


def _lock_head(organization_id: UUID) -> tuple[ChainHead, datetime]:
    """The time is the database's, read with the locked row: a later seq never carries an earlier time."""
    clock = Func(function="clock_timestamp", output_field=DateTimeField())
    heads = ChainHead.objects.select_for_update().annotate(now=clock).filter(organization_id=organization_id)
    head = heads.first()
    if head is None:
        # The rival is another first event of this organization: whoever comes second finds the row.
        ChainHead.objects.bulk_create([ChainHead(organization_id=organization_id)], ignore_conflicts=True)
        head = heads.get()
    return head, head.now


def _next_event(head: ChainHead, draft: Draft, at: datetime) -> Event:
    hashed = b"" if draft.body is None else body_hash(draft.body)
    row = Row(
        organization=str(head.organization_id),
        seq=head.event_seq + 1,
        at=at,
        kind=draft.kind,
        actor=draft.actor,
        subject=draft.subject,
        request_id=draft.request_id,
        data=draft.data,
        body_hash=hashed,
    )
    return Event(
        organization_id=head.organization_id,
        seq=row.seq,
        at=at,
        kind=row.kind,
        actor=row.actor,
        subject=row.subject,
        request_id=row.request_id,
        data=row.data,
        body_hash=hashed,
        hash=event_hash(bytes(head.event_hash), row),
    )
