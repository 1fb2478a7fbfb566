"""The order list's filter: what an address says, as one value that the list, the export and bulk commands all share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.http import QueryDict

from orders.search_text import (
    PRIORITIES,
    RELAYS,
    SOURCES,
    STAGES,
    Criteria,
    SearchError,
    choose,
    read_day,
    read_text,
    within,
)

VIEWS = {
    "attention": "Needs attention",
    "all": "All",
    "waiting": "Waiting",
    "production": "In production",
    "overdue": "Overdue",
    "done": "Done",
    "cancelled": "Cancelled",
}
# Everything that narrows the list. Each is served by an index; one that has none is not offered.
KEYS = (
    "q",
    "stage",
    "relay",
    "priority",
    "source",
    "client",
    "tag",
    "assignee",
    "deadline_from",
    "deadline_to",
)
CURSORS = ("after", "before", "page")
ME, NOBODY = "me", "none"
_CHOICES = {
    "stage": ("stages", "stage", STAGES),
    "relay": ("relays", "relay state", RELAYS),
    "priority": ("priorities", "priority", PRIORITIES),
    "source": ("sources", "source", SOURCES),
}


@dataclass(frozen=True)
class OrderFilter:
    view: str
    text: str
    criteria: Criteria
    pairs: tuple[tuple[str, str], ...]  # what it was read from, without view, sort and cursor
    problem: str = ""  # one sentence; a filter with a problem matches nothing

    @property
    def narrows(self) -> bool:
        return bool(self.pairs)

    @property
    def query(self) -> str:
        """The address of this filter, without sort and cursor."""
        return address((("view", self.view), *self.pairs))

    def chips(self) -> list[tuple[str, str, str]]:
        """(key, value, address without it) of every part."""
        return [
            (key, value, address((("view", self.view), *self.pairs[:at], *self.pairs[at + 1 :])))
            for at, (key, value) in enumerate(self.pairs)
        ]


def address(pairs: Iterable[tuple[str, str]]) -> str:
    query = QueryDict(mutable=True)
    for key, value in pairs:
        query.appendlist(key, value)
    return query.urlencode()


def read_filter(params: QueryDict, *, viewer: UUID, default_view: str = "all") -> OrderFilter:
    """Never raises: what can't be read becomes the filter's `problem`."""
    view = params.get("view") or default_view
    pairs = tuple((key, value.strip()) for key in KEYS for value in params.getlist(key) if value.strip())
    text = " ".join(value for key, value in pairs if key == "q")
    if view not in VIEWS:
        return OrderFilter("all", text, Criteria(), pairs, f'There is no view "{view}".')
    try:
        return OrderFilter(view, text, read_text(text, _criteria(pairs, viewer)), pairs)
    except SearchError as error:
        return OrderFilter(view, text, Criteria(), pairs, str(error))


def _criteria(pairs: Sequence[tuple[str, str]], viewer: UUID) -> Criteria:
    found = Criteria()
    for key, value in pairs:
        if key in _CHOICES:
            attribute, name, known = _CHOICES[key]
            found = found.also(attribute, choose(name, value, known))
        elif key == "tag":
            found = replace(found, tags=(*found.tags, value))
        elif key == "client":
            found = replace(found, clients=(*found.clients, _uuid(value, "client")))
        elif key == "assignee":
            found = _with_assignee(found, value, viewer)
        elif key == "deadline_from":
            found = within(found, read_day(value), None)
        elif key == "deadline_to":
            found = within(found, None, read_day(value) + timedelta(days=1))
    return found


def _with_assignee(found: Criteria, value: str, viewer: UUID) -> Criteria:
    if value == NOBODY:
        return replace(found, unassigned=True)
    person = viewer if value == ME else _uuid(value, "assignee")
    return replace(found, assignees=(*found.assignees, person))


def _uuid(value: str, name: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise SearchError(f'"{value}" is not a {name} of this list. Choose one from the filters.') from error
