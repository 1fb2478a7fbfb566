"""What happened to something, in sentences, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dashboard.accounts.models import ApiKey, Organization, User
from dashboard.events.canonical_json import Json
from dashboard.events.models import Event, EventBody
from dashboard.registry import registry

SYSTEM_NAME = "Countersign"
GONE = "someone who left"


@dataclass(frozen=True)
class TimelineEntry:
    seq: int
    at: datetime
    kind: str
    sentence: str
    actor: str
    actor_name: str
    data: dict[str, Any]
    # None when there never was one, or when it was erased.
    body: dict[str, Any] | None
    request_id: str = ""


def timeline(
    organization: Organization, subject: str, *, limit: int = 50, before: int | None = None, also: Sequence[str] = ()
) -> list[TimelineEntry]:
    """`before` is the seq of the last entry seen. `also` adds subjects, an order's deliveries for one.

    A bulk command stands in the timeline of everything that it names in `data["ids"]`.
    """
    events = _events(organization, before)
    kind, _, name = subject.partition(":")
    own = events.filter(subject__in=[subject, *also])
    # has_key too, so that the partial index on data["ids"] serves it.
    bulk = events.filter(data__has_key="ids", data__ids__contains=[name], kind__startswith=f"{kind}.")
    found = {event.seq: event for event in [*own[:limit], *bulk[:limit]]}
    return _entries([found[seq] for seq in sorted(found, reverse=True)[:limit]])


def actor_names(refs: Iterable[str]) -> dict[str, str]:
    """One query for people, one for keys."""
    users, keys = _ids(refs := set(refs), "user"), _ids(refs, "key")
    names = {"system": SYSTEM_NAME}
    if users:
        names |= {f"user:{user.pk}": user.name or user.email for user in User.objects.filter(pk__in=users)}
    if keys:
        names |= {f"key:{key.pk}": f"API key {key.label}" for key in ApiKey.objects.filter(pk__in=keys)}
    return {ref: names.get(ref, GONE) for ref in refs}


def sentence(kind: str, data: Mapping[str, Json]) -> str:
    """The registered sentence with its {placeholders} filled from data; what is not there reads as an ellipsis."""
    return registry.sentence(kind).format_map(_Filled({key: str(value) for key, value in data.items()}))


class _Filled(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def _events(organization: Organization, before: int | None) -> QuerySet[Event]:
    events = Event.objects.filter(organization=organization).select_related("body").order_by("-seq")
    return events if before is None else events.filter(seq__lt=before)


def _entries(events: Sequence[Event]) -> list[TimelineEntry]:
    names = actor_names(event.actor for event in events)
    return [_entry(event, names[event.actor]) for event in events]


def _entry(event: Event, actor_name: str) -> TimelineEntry:
    return TimelineEntry(
        seq=event.seq,
        at=event.at,
        kind=event.kind,
        sentence=sentence(event.kind, event.data),
        actor=event.actor,
        actor_name=actor_name,
        data=event.data,
        body=_body(event),
        request_id=event.request_id,
    )


def _body(event: Event) -> dict[str, Any] | None:
    try:
        body: dict[str, Any] = json.loads(event.body.text)
    except EventBody.DoesNotExist:
        return None
    return body


def _ids(refs: Iterable[str], kind: str) -> list[UUID]:
    return [UUID(ref.partition(":")[2]) for ref in refs if ref.startswith(f"{kind}:")]
