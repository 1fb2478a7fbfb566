"""How a file's bytes are to be read: its format, encoding and delimiter, told from the bytes and not from the name."""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orders.importing.errors import UnreadableFileError

ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252 (Western European)"}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab"}
SNIFFED_BYTES = 64 * 1024
# A text file may hold a stray NUL, which its row is then refused for; this many mean that it is no text at all.
NUL_SHARE = 0.2


@dataclass(frozen=True)
class Layout:
    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    # The line whose bytes are not UTF-8, and how Windows-1252 would read it; 0 where there is none.
    odd_line: int = 0
    odd_text: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def detect(path: Path) -> Layout:
    """Tell a file's layout; reads all of it once where it is text, to find the first byte that is not UTF-8."""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFileError("The file is empty: it needs a row of column names and one row per line item.")
    if zipfile.is_zipfile(path):
        return Layout(format="xlsx")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Layout(encoding="utf-16", delimiter=_delimiter(head.decode("utf-16", "replace")))
    if head.count(0) > NUL_SHARE * len(head):
        raise UnreadableFileError(
            "The file is neither CSV nor XLSX: it holds binary data (UTF-16 text needs a byte order mark). "
            "Export it as CSV in UTF-8."
        )
    odd_line, odd_bytes = _first_odd_line(path)
    encoding = "cp1252" if odd_line else "utf-8"
    odd_text = odd_bytes.decode("cp1252", "replace").strip()[:120]
    return Layout("csv", encoding, _delimiter(head.decode(encoding, "replace")), odd_line, odd_text)


def _first_odd_line(path: Path) -> tuple[int, bytes]:
    """The number and bytes of the first line that is not UTF-8, or (0, b"")."""
    for number, line in _lines(path):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number, line
    return 0, b""


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines where all is well; single lines of the one block that is not UTF-8."""
    number = 1
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            block += file.readline(1 << 20)
            try:
                block.decode("utf-8")
            except UnicodeDecodeError:
                yield from enumerate(block.split(b"\n"), start=number)
            number += block.count(b"\n")


def _delimiter(head: str) -> str:
    """The one that cuts the header row into the most columns; commas inside quoted names don't count."""
    first_line = head.lstrip("\ufeff").split("\n", 1)[0]
    widths = {d: len(next(csv.reader([first_line], delimiter=d), [])) for d in DELIMITERS}
    return max(widths, key=lambda d: widths[d])
