"""One cell's text as the value that its column wants, or one sentence that says why it can't be."""

from __future__ import annotations

import datetime as dt
import re

from orders.formula_cells import restored
from orders.importing.columns import Kind
from orders.models import Priority

MAX_QUANTITY = 10_000
MOMENT = re.compile(r"(\d{4})-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?", re.ASCII)
FLAGS = {"true": True, "yes": True, "1": True, "x": True, "false": False, "no": False, "0": False}
PRIORITIES = {priority.value.lower(): priority.value for priority in Priority}


class CellError(ValueError):
    """The sentence goes to the person, behind the row's number and the column's name."""


def read_cell(text: str, kind: Kind) -> str | int | bool:
    match kind:
        case "quantity":
            return _quantity(text)
        case "moment":
            return _moment(text)
        case "flag":
            return _flag(text)
        case "priority":
            return _priority(text)
        case "text":
            return _text(text)


def _quantity(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= MAX_QUANTITY:
        raise CellError(f"“{_short(text)}” is not a whole number from 1 to {MAX_QUANTITY:,}.")
    return int(text)


def _moment(text: str) -> str:
    """An ISO date or time as one in UTC; without a zone it is taken as UTC, a date as its first moment."""
    found = MOMENT.fullmatch(text)
    if not found:
        raise CellError(f"“{_short(text)}” is not a date like 2026-03-31 or 2026-03-31T16:00:00Z.")
    try:
        moment = dt.datetime.fromisoformat(text.replace(" Z", "Z").replace(" +", "+"))
        moment = moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError) as error:
        raise CellError(f"“{_short(text)}” is not a date that exists.") from error
    if not 1900 <= moment.year <= 2999:
        raise CellError(f"“{_short(text)}” is outside the years 1900 to 2999.")
    return moment.isoformat().replace("+00:00", "Z")


def _flag(text: str) -> bool:
    if text.lower() not in FLAGS:
        raise CellError(f"“{_short(text)}” is neither yes nor no.")
    return FLAGS[text.lower()]


def _priority(text: str) -> str:
    if text.lower() not in PRIORITIES:
        raise CellError(f"“{_short(text)}” is not one of {', '.join(Priority.values)}.")
    return PRIORITIES[text.lower()]


def _text(text: str) -> str:
    """What our own export guarded against spreadsheets comes back as it was."""
    if text.startswith("="):
        raise CellError(f"“{_short(text)}” looks like a formula: put its value there, or an apostrophe before it.")
    return restored(text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
