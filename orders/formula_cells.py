"""Cells that a spreadsheet would run as a formula, made harmless, and made what they were when they come back.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe in front, which spreadsheets
show as text. A cell that already begins with apostrophes before such a character gets one more, so that taking exactly
one away is always right.
"""

from __future__ import annotations

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralised(cell: str) -> str:
    return f"'{cell}" if _DANGEROUS.match(cell) else cell


def restored(cell: str) -> str:
    return cell[1:] if _NEUTRALISED.match(cell) else cell
