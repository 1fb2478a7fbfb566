"""Rows of the first sheet of an XLSX file, streamed; its limits keep a small file from unpacking into a huge one."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from orders.importing.errors import UnreadableFileError

MAX_UNPACKED = 2 << 30
MAX_ENTRIES = 2_000
# openpyxl holds all shared strings in memory, whatever the read mode.
MAX_SHARED_STRINGS = 96 << 20
NOT_A_WORKBOOK = "The file is a ZIP archive but not an XLSX workbook: save it as XLSX or CSV."


def workbook_rows(path: Path) -> Iterator[tuple[int, tuple[str, ...], str]]:
    _refuse_bombs(path)
    try:
        workbook = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, ParseError, zipfile.BadZipFile, OSError) as error:
        raise UnreadableFileError(NOT_A_WORKBOOK) from error
    try:
        if not workbook.worksheets:
            raise UnreadableFileError("The workbook has no sheet with cells.")
        sheet: Any = workbook.worksheets[0]
        sheet.reset_dimensions()  # what it claims about its size is often wrong
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, *_row(cells)
    except (ParseError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UnreadableFileError(f"The workbook is damaged: {error}.") from error
    finally:
        workbook.close()


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names:
                raise UnreadableFileError(NOT_A_WORKBOOK)
            shared = sum(entry.file_size for entry in entries if entry.filename.endswith("sharedStrings.xml"))
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or shared > MAX_SHARED_STRINGS:
                raise UnreadableFileError(
                    f"The workbook unpacks to {unpacked >> 20:,} MB, which is too much: save it as CSV."
                )
            _refuse_doctypes(archive, entries)
    except zipfile.BadZipFile as error:
        raise UnreadableFileError(NOT_A_WORKBOOK) from error


def _refuse_doctypes(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """No program writes a DTD into a workbook; it would only be there to make the parser expand entities."""
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                if b"<!DOCTYPE" in part.read(4096):
                    raise UnreadableFileError(
                        f"The workbook's {entry.filename} declares a document type, which is not allowed."
                    )


def _row(cells: tuple[Any, ...]) -> tuple[tuple[str, ...], str]:
    values, error = [], ""
    for position, cell in enumerate(cells, start=1):
        if cell.data_type == "f":
            error = f"Cell {get_column_letter(position)} holds a formula: paste its value instead."
        elif cell.data_type == "e":
            error = f"Cell {get_column_letter(position)} holds the error {cell.value}: put a value there."
        values.append(_text(cell.value))
    while values and not values[-1]:
        values.pop()
    return tuple(values), error


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value).strip()
