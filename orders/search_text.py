"""Reads the search box: words, `field:value`, "quoted words", or a paste of many ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date

from dashboard.upstream.models import Delivery
from orders.models import Order, Priority
from orders.search import CLIENT, ID, SKU, folded, tokens

SOURCES = {"api": "API", "console": "Console", "import": "Import", "demo": "Demo"}
STAGES = dict(Order.Stage.choices)
PRIORITIES = dict(Priority.choices)
NOT_RELAYED = "none"
RELAYS = {**dict(Delivery.State.choices), NOT_RELAYED: "Not relayed"}
_PART = re.compile(r'(?:(?P<field>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S+))')
_DAY = re.compile(r"(?P<sign><=|>=|<|>|=|)(?P<day>\d{4}-\d{2}-\d{2})")
MOST_IDS = 1_000


class SearchError(ValueError):
    """One sentence for the person who typed it."""


@dataclass(frozen=True)
class Criteria:
    """What an order must be. Values of one field are alternatives; different fields must all hold."""

    words: tuple[str, ...] = ()  # whole words or their beginnings
    marked: tuple[str, ...] = ()  # the same, inside one field
    names: tuple[str, ...] = ()  # exact ids, any of them
    uuids: tuple[UUID, ...] = ()
    stages: tuple[str, ...] = ()
    relays: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    deadline_from: date | None = None
    deadline_before: date | None = None
    without_deadline: bool = False
    clients: tuple[UUID, ...] = ()
    assignees: tuple[UUID, ...] = ()
    unassigned: bool = False

    def also(self, attribute: str, value: str) -> Criteria:
        """One more alternative in one of the tuples."""
        more: dict[str, Any] = {attribute: (*getattr(self, attribute), value)}
        return replace(self, **more)


def read_text(text: str, criteria: Criteria | None = None) -> Criteria:
    """Adds what the text asks for to the criteria; raises SearchError with the sentence to show."""
    found = criteria = criteria or Criteria()
    pasted = [part for part in re.split(r"[\s,;]+", text) if part]
    if _are_ids(pasted):
        return _with_ids(found, pasted)
    for name, value in _parts(text):
        if not name:
            found = replace(found, words=found.words + tuple(tokens(value)))
        elif name in FIELDS:
            found = FIELDS[name](found, value)
        else:
            known = ", ".join(f"{each}:" for each in FIELDS)
            raise SearchError(f'"{name}:" is not a field. Use {known} or put the words in quotes.')
    if text.strip() and found == criteria:
        raise SearchError(f'"{text.strip()}" has nothing to search for. Type letters or digits.')
    return found


def choose(name: str, value: str, known: dict[str, str]) -> str:
    """The stored value for what a person typed: `In progress` and `in_progress` are the same to them."""
    wanted = re.sub(r"[\s_-]+", "", folded(value))
    for stored, label in known.items():
        if wanted in {re.sub(r"[\s_-]+", "", folded(stored)), re.sub(r"[\s_-]+", "", folded(label))}:
            return stored
    raise SearchError(f'"{value}" is not a {name}. Use one of: {", ".join(known.values())}.')


def read_day(value: str) -> date:
    try:
        day = parse_date(value)
    except ValueError:
        day = None
    if day is None or not 1 < day.year < 9999:
        raise SearchError(f'"{value}" is not a date. Write it as 2026-01-31.')
    return day


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in _PART.finditer(text):
        yield (part["field"] or "").lower(), part["bare"] if part["bare"] is not None else part["quoted"]


def _are_ids(parts: list[str]) -> bool:
    """Several parts, each with a digit and none with a colon or a quote: nobody searches for two such words at once."""
    return len(parts) > 1 and all(any(c.isdigit() for c in p) and not set(p) & set(':"') for p in parts)


def _with_ids(criteria: Criteria, parts: list[str]) -> Criteria:
    if len(parts) > MOST_IDS:
        raise SearchError(f"{len(parts):,} ids are too many for one search. Paste up to {MOST_IDS:,} at once.")
    uuids: list[UUID] = []
    names: list[str] = []
    for part in parts:
        try:
            uuids.append(UUID(part))
        except ValueError:
            names.extend(ID + token for token in tokens(part))
    return replace(criteria, names=criteria.names + tuple(names), uuids=criteria.uuids + tuple(uuids))


def _lexeme_field(mark: str) -> Callable[[Criteria, str], Criteria]:
    def add(criteria: Criteria, value: str) -> Criteria:
        return replace(criteria, marked=criteria.marked + tuple(mark + token for token in tokens(value)))

    return add


def _choice_field(name: str, attribute: str, known: dict[str, str]) -> Callable[[Criteria, str], Criteria]:
    def add(criteria: Criteria, value: str) -> Criteria:
        chosen = choose(name, value, known)
        return criteria.also(attribute, chosen)

    return add


def _tag(criteria: Criteria, value: str) -> Criteria:
    return replace(criteria, tags=(*criteria.tags, value))


def _deadline(criteria: Criteria, value: str) -> Criteria:
    """`<2026-01-01`, `>=2026-01-01`, `2026-01-01`, `2026-01-01..2026-01-31` (both included) or `none`."""
    if value.lower() == "none":
        return replace(criteria, without_deadline=True)
    first, dots, last = value.partition("..")
    if dots:
        return within(criteria, read_day(first), read_day(last) + timedelta(days=1))
    part = _DAY.fullmatch(value)
    if part is None:
        raise SearchError(f'"{value}" is not a deadline. Write deadline:<2026-01-31, deadline:2026-01-01..2026-01-31.')
    day = read_day(part["day"])
    after = day + timedelta(days=1)
    bounds = {"<": (None, day), "<=": (None, after), ">": (after, None), ">=": (day, None)}
    return within(criteria, *bounds.get(part["sign"], (day, after)))


def within(criteria: Criteria, first: date | None, before: date | None) -> Criteria:
    """Bounds narrow each other, wherever they come from."""
    lowest = max(filter(None, (criteria.deadline_from, first)), default=None)
    highest = min(filter(None, (criteria.deadline_before, before)), default=None)
    return replace(criteria, deadline_from=lowest, deadline_before=highest)


FIELDS: dict[str, Callable[[Criteria, str], Criteria]] = {
    "id": _lexeme_field(ID),
    "client": _lexeme_field(CLIENT),
    "sku": _lexeme_field(SKU),
    "tag": _tag,
    "priority": _choice_field("priority", "priorities", PRIORITIES),
    "stage": _choice_field("stage", "stages", STAGES),
    "relay": _choice_field("relay state", "relays", RELAYS),
    "source": _choice_field("source", "sources", SOURCES),
    "deadline": _deadline,
}
