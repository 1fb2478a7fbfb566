"""Rows of a file, one at a time, numbered as a spreadsheet shows them, each whole or with the reason why it is not."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orders.importing.errors import UnreadableFileError
from orders.importing.layout import Layout
from orders.importing.workbook import workbook_rows

# Undecodable bytes arrive as these, so that the row that holds them can be named.
UNDECODED = re.compile("[\udc80-\udcff\ufffd]")
MAX_COLUMNS = 200
CELL_LIMIT = 131_072


@dataclass(frozen=True)
class Row:
    number: int  # the header is row 1
    cells: tuple[str, ...]
    error: str = ""


def read_rows(path: Path, layout: Layout) -> Iterator[Row]:
    """Every row from the header on, blank ones left out; nothing is kept of a row once the next is asked for."""
    rows = workbook_rows(path) if layout.format == "xlsx" else _csv_rows(path, layout)
    for number, cells, error in rows:
        if error or any(cells):
            yield Row(number, cells, error or _unreadable_cell(cells, layout))


def read_headers(path: Path, layout: Layout) -> list[str]:
    """The column names, made unique: a second "Name" becomes "Name (2)", an empty one "Column 3"."""
    first = next(read_rows(path, layout), None)
    if first is None:
        raise UnreadableFileError("The file is empty: it needs a row of column names and one row per line item.")
    if first.error:
        raise UnreadableFileError(f"The row of column names can't be read: {first.error}")
    if len(first.cells) > MAX_COLUMNS:
        raise UnreadableFileError(f"The file has {len(first.cells):,} columns; an import takes up to {MAX_COLUMNS}.")
    return unique_headers(first.cells)


def unique_headers(cells: tuple[str, ...]) -> list[str]:
    headers: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name, seen = cell.strip() or f"Column {position}", 1
        while (unique := name if seen == 1 else f"{name} ({seen})") in headers:
            seen += 1
        headers.append(unique)
    return headers


def _csv_rows(path: Path, layout: Layout) -> Iterator[tuple[int, tuple[str, ...], str]]:
    csv.field_size_limit(CELL_LIMIT)
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    errors = "replace" if layout.encoding == "utf-16" else "surrogateescape"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        reader, number = csv.reader(file, delimiter=layout.delimiter), 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, (), _csv_error(error)
            else:
                yield number, tuple(cell.strip() for cell in cells), ""


def _csv_error(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"A cell is longer than {CELL_LIMIT:,} characters: is a closing quote missing?"
    return f"The row can't be split into cells: {error}."


def _unreadable_cell(cells: tuple[str, ...], layout: Layout) -> str:
    for position, cell in enumerate(cells, start=1):
        if "\x00" in cell:
            return f"Column {position} holds a NUL character (byte 0): remove it."
        if found := UNDECODED.search(cell):
            odd = _odd_byte(found[0])
            return f"Column {position} holds {odd} not {layout.encoding.upper()}: choose the file's encoding."
    return ""


def _odd_byte(character: str) -> str:
    code = ord(character) - 0xDC00
    return f"a byte (0x{code:02X}) that is" if 0 <= code <= 0xFF else "bytes that are"
