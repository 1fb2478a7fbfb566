"""One order's rows as one order's fields, or the reasons why they aren't.

An empty cell is a field left out: it keeps what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from orders.importing.cells import CellError, read_cell
from orders.importing.collecting import Group, Rejected, Table
from orders.importing.columns import COLUMNS, Column
from orders.importing.reading import Row

Value = str | int | bool
MAX_LINES = 1_000


@dataclass(frozen=True)
class Draft:
    """An order as the file has it: `fields` in the words of the order's schema, or why it is rejected, row by row."""

    order_id: str
    rows: tuple[Row, ...]
    fields: dict[str, Any]
    rejected: tuple[Rejected, ...] = ()

    def refused(self, errors: Iterable[Rejected]) -> Draft:
        """The order rejected with all of its rows; those without an error of their own point at the first with one."""
        by_row: dict[int, list[str]] = {}
        for rejected in errors:
            by_row.setdefault(rejected.row, []).append(rejected.error)
        why = f"Left out with its order “{self.order_id}”: see row {min(by_row)}."
        return Draft(
            self.order_id,
            self.rows,
            self.fields,
            tuple(Rejected(row.number, " ".join(by_row.get(row.number, [why]))) for row in self.rows),
        )


def draft(group: Group, table: Table) -> Draft:
    if group.error:
        return Draft(group.order_id, group.rows, {}, tuple(Rejected(row.number, group.error) for row in group.rows))
    errors: list[Rejected] = []
    fields: dict[str, Any] = {}
    for part in ("order", "client", "primary_client"):
        found = _shared(group.rows, table, part, errors)
        if part == "order":
            fields.update(found)
        elif found:
            fields[part] = found
    fields["order_items"] = _lines(group.rows, table, errors)
    made = Draft(group.order_id, group.rows, fields)
    return made.refused(errors) if errors else made


def _shared(rows: Sequence[Row], table: Table, part: str, errors: list[Rejected]) -> dict[str, Value]:
    """What the rows say about their order: an empty cell agrees with anything, two different values don't."""
    fields: dict[str, Value] = {}
    for column in COLUMNS:
        if column.part == part and column.name in table.places:
            said: tuple[Value, int] | None = None
            for row in rows:
                value = _value(row, table, column, errors)
                if value is not None and said is not None and value != said[0]:
                    errors.append(Rejected(row.number, _differs(table, column, value, *said)))
                elif value is not None and said is None:
                    said = (value, row.number)
            if said is not None:
                fields[column.key] = said[0]
    return fields


def _lines(rows: Sequence[Row], table: Table, errors: list[Rejected]) -> list[dict[str, Value]]:
    if len(rows) > MAX_LINES:
        errors.append(Rejected(rows[0].number, f"The order has {len(rows):,} line items; {MAX_LINES:,} are the most."))
        return []
    given = [table.cell(row, "line_item_id") for row in rows]
    seen: dict[Value, int] = {}
    lines: list[dict[str, Value]] = []
    for position, row in enumerate(rows, start=1):
        line: dict[str, Value] = {}
        for column in COLUMNS:
            if column.part == "line" and (value := _value(row, table, column, errors)) is not None:
                line[column.key] = value
        line_item_id = line.setdefault("line_item_id", _numbered(position, given))
        if (first := seen.setdefault(line_item_id, row.number)) != row.number:
            errors.append(
                Rejected(row.number, f"Line item id “{line_item_id}” is used in row {first} of the order too.")
            )
        lines.append(line)
    return lines


def _numbered(position: int, given: Sequence[str]) -> str:
    """The id of a line item that has none in the file: the same one whenever the same file is read."""
    name = str(position)
    while name in given:
        name += "-2"
    return name


def _value(row: Row, table: Table, column: Column, errors: list[Rejected]) -> Value | None:
    text = table.cell(row, column.name)
    if not text:
        return None
    try:
        return read_cell(text, column.kind)
    except CellError as error:
        errors.append(Rejected(row.number, f"{header_of(column, table)}: {error}"))
        return None


def header_of(column: Column, table: Table) -> str:
    place = table.places.get(column.name)
    return column.name if place is None else table.headers[place]


def _differs(table: Table, column: Column, value: Value, said: Value, said_in: int) -> str:
    return f"{header_of(column, table)}: “{value}” differs from “{said}” in row {said_in} of the same order."
