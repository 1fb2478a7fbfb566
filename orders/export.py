"""Exactly what a filter shows, as a file that the importer reads back: one row per line item, in the list's order.

Rows come through a server-side cursor a few hundred orders at a time, so a million orders take no more memory than a
thousand.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import IO

from django.db.models import F, Prefetch, QuerySet
from openpyxl import Workbook

from orders.formula_cells import neutralised
from orders.keyset import Sort
from orders.models import LineItem, Order

# The names are those that the importer knows without a mapping, the first thirteen in the order of its sample file.
COLUMNS: dict[str, Callable[[Order, LineItem | None], object]] = {
    "external_order_id": lambda order, _: order.external_order_id,
    "external_order_number": lambda order, _: order.external_order_number,
    "external_created_at": lambda order, _: order.external_created_at,
    "deadline_at": lambda order, _: order.deadline_at,
    "comment": lambda order, _: order.comment,
    "client_name": lambda order, _: order.client.name if order.client else "",
    "external_client_id": lambda order, _: order.client.external_client_id if order.client else "",
    "client_company": lambda order, _: order.client.company if order.client else "",
    "client_phone": lambda order, _: order.client.phone if order.client else "",
    "line_item_id": lambda _, item: item.line_item_id if item else "",
    "sku": lambda _, item: item.sku if item else "",
    "product_name": lambda _, item: item.product_name if item else "",
    "quantity": lambda _, item: item.quantity if item else "",
}
AT_ONCE = 500  # orders per fetch
SHEET_ROWS = 1_048_576  # what a sheet holds, its head included


def in_order(orders: QuerySet[Order], sort: Sort) -> QuerySet[Order]:
    column = F(sort.column)
    key = column.desc(nulls_last=True) if sort.descending else column.asc(nulls_last=True)
    return orders.order_by(key, "-number" if sort.descending else "number")


def records(orders: QuerySet[Order]) -> Iterator[list[str | int]]:
    items = Prefetch("line_items", LineItem.objects.order_by("position"))
    for order in orders.select_related("client").defer("search").prefetch_related(items).iterator(chunk_size=AT_ONCE):
        for item in order.line_items.all() or [None]:
            yield [_cell(read(order, item)) for read in COLUMNS.values()]


def _cell(value: object) -> str | int:
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return neutralised(str(value or ""))


class _Echo:
    """csv.writer wants a file; what it writes is handed on instead."""

    def write(self, text: str) -> str:
        return text


def csv_pieces(rows: Iterable[Sequence[str | int]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(COLUMNS).encode()
    for row in rows:
        yield writer.writerow(row).encode()


def write_xlsx(rows: Iterable[Sequence[str | int]]) -> IO[bytes]:
    """An open temporary file; XLSX has its directory at the end, so it can't be sent before it is whole."""
    book = Workbook(write_only=True)
    left = 0
    for row in rows:
        if left == 0:
            sheet = book.create_sheet(f"Orders {len(book.worksheets) + 1}")
            sheet.append(list(COLUMNS))
            left = SHEET_ROWS - 1
        sheet.append(row)
        left -= 1
    if not book.worksheets:
        book.create_sheet("Orders 1").append(list(COLUMNS))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who sends it
    book.save(file)
    file.seek(0)
    return file
