"""Orders out of rows, in two passes: the first counts each order's rows, the second lets an order go with its last one.

So memory holds one counter per order and the rows of orders that are still open, never the file. The sequence in which
orders come out depends on the file and the mapping alone: a pass that died goes on behind the orders it had finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orders.importing.columns import COLUMNS
from orders.importing.reading import Row


@dataclass(frozen=True)
class Rejected:
    row: int
    error: str


@dataclass(frozen=True)
class Table:
    """How the rows of one file are cut: its headers, and where each of our columns lies."""

    headers: Sequence[str]
    places: Mapping[str, int]
    padded: bool  # a workbook leaves empty cells at the end of a row out

    @classmethod
    def of(cls, headers: Sequence[str], mapping: Mapping[str, str], *, padded: bool) -> Table:
        places = {column.name: headers.index(mapping[column.name]) for column in COLUMNS if mapping.get(column.name)}
        return cls(headers, places, padded)

    def fitted(self, row: Row) -> Row:
        """The row with exactly one cell per column, or with the reason why it has not."""
        width, cells = len(self.headers), row.cells
        if row.error or len(cells) == width:
            return row
        if len(cells) < width and self.padded:
            return Row(row.number, cells + ("",) * (width - len(cells)))
        return Row(row.number, cells, _wrong_width(len(cells), width))

    def cell(self, row: Row, name: str) -> str:
        place = self.places.get(name)
        return "" if place is None else row.cells[place]

    def order_id(self, row: Row) -> str:
        return self.cell(row, "external_order_id")


@dataclass
class Tally:
    """What the first pass found."""

    rows: int = 0
    per_order: dict[str, int] = field(default_factory=dict)
    # Orders of which a row can't be read: none of their other rows may be imported without it.
    spoiled: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """The rows of one order, or one row that belongs to none."""

    rows: tuple[Row, ...]
    order_id: str = ""
    error: str = ""  # of the group as a whole


def tally(rows: Iterable[Row], table: Table) -> Tally:
    """The first pass, without the header row."""
    found = Tally()
    for raw in rows:
        row = table.fitted(raw)
        found.rows += 1
        if row.error:
            for order_id in _ids_in(row, table):
                found.spoiled.setdefault(order_id, row.number)
        elif order_id := table.order_id(row):
            found.per_order[order_id] = found.per_order.get(order_id, 0) + 1
    found.spoiled = {order_id: row for order_id, row in found.spoiled.items() if order_id in found.per_order}
    return found


def groups(rows: Iterable[Row], table: Table, counted: Tally) -> Iterator[Group]:
    """The second pass: one group per order, in the order of their last rows, and one per row that can't be read."""
    left, waiting = dict(counted.per_order), dict[str, list[Row]]()
    for raw in rows:
        row = table.fitted(raw)
        order_id = "" if row.error else table.order_id(row)
        if not order_id:
            yield Group(
                (row,),
                error=row.error or f"{table.headers[table.places['external_order_id']]}: the order id is missing.",
            )
            continue
        waiting.setdefault(order_id, []).append(row)
        left[order_id] -= 1
        if not left[order_id]:
            del left[order_id]
            spoiled_by = counted.spoiled.get(order_id)
            error = f"Left out with its order “{order_id}”: row {spoiled_by} of it can't be read." if spoiled_by else ""
            yield Group(tuple(waiting.pop(order_id)), order_id, error)


def _ids_in(row: Row, table: Table) -> set[str]:
    """The order ids that a row of the wrong width may be about: a surplus comma shifts what follows it by one cell."""
    place, surplus = table.places["external_order_id"], len(row.cells) - len(table.headers)
    first, last = sorted((place, place + surplus)) if place else (0, 0)
    return {cell for cell in row.cells[max(first, 0) : last + 1] if cell}


def _wrong_width(found: int, expected: int) -> str:
    if found > expected:
        more = found - expected
        return f"The row has {found} cells instead of {expected}, {more} too many: unquoted comma? Quote the cell."
    return f"The row has {found} cells instead of {expected}: is a comma or a closing quote missing?"
