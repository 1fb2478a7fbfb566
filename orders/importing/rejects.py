"""The rows that were rejected, as a CSV file to download, mend and upload again; kept beside the job's upload."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from orders.formula_cells import neutralised
from orders.importing.assembling import Draft
from orders.importing.collecting import Rejected

# A plain number is harmless, whatever its sign.
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
# The first two columns of the file; a next import leaves them out, since they mean nothing to it.
ADDED_HEADERS = ("rejected row", "reason")


def rejects_path(upload: Path) -> Path:
    return upload.with_name(f"{upload.name}.rejected.csv")


class RejectedRows:
    """Append-only up to what the job's row says is committed; the rest belongs to a pass that died and is cut off."""

    def __init__(self, upload: Path, headers: Sequence[str], committed: int) -> None:
        self._path = rejects_path(upload)
        self._headers = headers
        self._committed = committed

    def __enter__(self) -> Self:
        self._file = self._path.open("ab")
        self._file.truncate(self._committed)
        self._file.seek(self._committed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, draft: Draft) -> None:
        reasons = {rejected.row: rejected.error for rejected in draft.rejected}
        for row in draft.rows:
            if row.number in reasons:
                if not self._file.tell():
                    # The mark makes spreadsheets read it as UTF-8.
                    self._file.write(b"\xef\xbb\xbf" + _line([*ADDED_HEADERS, *self._headers]))
                self._file.write(_line([str(row.number), reasons[row.number], *row.cells]))

    def flush(self) -> int:
        self._file.flush()
        return self._file.tell()


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([cell if NUMBER.fullmatch(cell) else neutralised(cell) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


def read_rejections(upload: Path) -> list[Rejected]:
    """All of them, by row; the job's own list ends at a thousand."""
    path = rejects_path(upload)
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = itertools.islice(csv.reader(file), 1, None)
        return sorted((Rejected(int(line[0]), line[1]) for line in lines), key=lambda rejected: rejected.row)
