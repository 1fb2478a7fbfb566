"""Small files to import, written the way people's programs write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

HEADERS = [
    "external_order_id",
    "external_order_number",
    "deadline_at",
    "client_name",
    "line_item_id",
    "quantity",
    "comment",
]
LINE = {
    "external_order_id": "A-1",
    "external_order_number": "1001",
    "client_name": "Ada",
    "line_item_id": "1",
    "quantity": "2",
}


def line(**changes: str) -> dict[str, str]:
    return {**LINE, **changes}


def csv_text(lines: Iterable[Mapping[str, str]], headers: Sequence[str] = HEADERS, delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def csv_file(folder: Path, text: str | bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def xlsx_file(folder: Path, rows: Iterable[Sequence[object]], name: str = "orders.xlsx") -> Path:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append(list(row))
    workbook.save(folder / name)
    return folder / name
