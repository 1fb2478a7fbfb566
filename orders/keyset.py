"""Pages by position: page 5,000 costs what page 1 costs, and rows that arrive meanwhile never shift or repeat one.

A cursor names the row a page starts after (or ends before) by what the list is sorted by and its number. Orders without
the sorted date always come last, so a sort by a nullable date is two runs: those that have it, then the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, F, Q, QuerySet
from django.db.models.expressions import CombinedExpression, OrderBy, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.dateparse import parse_datetime

PAGE = 50
# A filter without an index in list order is first tried on this many neighbours. They hold a page of anything
# common; what is rarer is then found through its own index.
WINDOW = 4_000
NO_DATE = "none"


@dataclass(frozen=True)
class Sort:
    column: str
    descending: bool
    nullable: bool = False

    @property
    def by_number(self) -> bool:
        return self.column == "number"


SORTS = {
    "-number": Sort("number", descending=True),
    "number": Sort("number", descending=False),
    "deadline": Sort("deadline_at", descending=False, nullable=True),
    "-deadline": Sort("deadline_at", descending=True, nullable=True),
    "updated": Sort("updated_at", descending=False),
    "-updated": Sort("updated_at", descending=True),
}


@dataclass(frozen=True)
class Position:
    number: int
    at: datetime | None = None  # of the sorted date; None where sorted by number, or without a date

    @classmethod
    def read(cls, text: str) -> Position | None:
        """None for what this list never wrote."""
        number, _, at = text.partition("~")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        try:
            moment = parse_datetime(at.replace(" ", "+")) if at and at != NO_DATE else None
        except ValueError:
            return None
        if at not in {"", NO_DATE} and (moment is None or moment.tzinfo is None):
            return None
        return cls(int(number), moment)

    @classmethod
    def of(cls, row: Any, sort: Sort) -> Position:
        return cls(row.number, None if sort.by_number else getattr(row, sort.column))

    def written(self, sort: Sort) -> str:
        if sort.by_number:
            return str(self.number)
        return f"{self.number}~{self.at.isoformat() if self.at else NO_DATE}"


@dataclass(frozen=True)
class Place:
    """Where a page lies: after or before a position, at the start, or at the end."""

    position: Position | None = None
    backwards: bool = False


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    previous: str  # a cursor, empty where there is no such page
    next: str
    is_whole: bool  # everything that matches is on it


@dataclass(frozen=True)
class Reader:
    """`aligned`: an index holds the matches in list order. `newest` is the highest number there is."""

    matches: QuerySet[Any]
    sort: Sort
    newest: int
    aligned: bool = True

    def page(self, place: Place, size: int = PAGE) -> Page:
        rows = self._rows(place, size + 1)
        more, rows = len(rows) > size, rows[:size]
        if place.backwards:
            rows.reverse()
        cut = place.position is not None
        before, after = (more, cut) if place.backwards else (cut, more)
        return Page(
            rows,
            previous=Position.of(rows[0], self.sort).written(self.sort) if rows and before else "",
            next=Position.of(rows[-1], self.sort).written(self.sort) if rows and after else "",
            is_whole=not (more or cut),
        )

    def _rows(self, place: Place, wanted: int) -> list[Any]:
        if not self.sort.nullable:
            return self._run(self.matches, place, wanted)
        rows: list[Any] = []
        runs = [False, True] if place.backwards else [True, False]
        if place.position:
            runs = runs[runs.index(place.position.at is not None) :]
        for at, dated in enumerate(runs):
            # Only the run that the position lies in is cut by it; what follows is read from its start.
            cut = place if at == 0 else Place(None, place.backwards)
            run = self.matches.filter(**{f"{self.sort.column}__isnull": not dated})
            rows += self._run(run, cut, wanted - len(rows), dated=dated)
            if len(rows) == wanted:
                break
        return rows

    def _run(self, matches: QuerySet[Any], place: Place, wanted: int, *, dated: bool = True) -> list[Any]:
        down = self.sort.descending != place.backwards
        columns = ["number"] if self.sort.by_number or not dated else [self.sort.column, "number"]
        if place.position:
            matches = matches.filter(_beyond(columns, place.position, down=down))
        if self.aligned or not self.sort.by_number:
            return list(matches.order_by(*(f"-{column}" if down else column for column in columns))[:wanted])
        return self._scattered(matches, place.position, wanted, down=down)

    def _scattered(self, matches: QuerySet[Any], position: Position | None, wanted: int, *, down: bool) -> list[Any]:
        """First among the neighbours; if they hold too few, everywhere, through the filter's own index."""
        start = position.number if position else (self.newest if down else 0)
        if (start <= WINDOW) if down else (start + WINDOW >= self.newest):
            return list(matches.order_by("-number" if down else "number")[:wanted])
        near = Q(number__gte=start - WINDOW) if down else Q(number__lte=start + WINDOW)
        rows = list(matches.filter(near).order_by("-number" if down else "number")[:wanted])
        if len(rows) == wanted:
            return rows
        # An expression has no index: the planner can't be tempted to walk the whole list for what is hardly there.
        number = CombinedExpression(F("number"), "+", Value(0), output_field=BigIntegerField())
        return list(matches.order_by(OrderBy(number, descending=down))[:wanted])


def _beyond(columns: Sequence[str], position: Position, *, down: bool) -> Any:
    if len(columns) == 1:
        return Q(number__lt=position.number) if down else Q(number__gt=position.number)
    compare = TupleLessThan if down else TupleGreaterThan
    return compare(Tuple(*columns), (position.at, position.number))
