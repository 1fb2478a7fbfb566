"""The one spelling of a JSON value (RFC 8785), so that a hash of it means the same everywhere and for ever.

`plain` turns what services hold (UUIDs, dates, enums) into JSON values that PostgreSQL's jsonb gives back unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import orjson
import rfc8785

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
_EXACT = 2**53


def plain(value: object) -> Json:
    """A copy made of JSON values only. What jsonb might change (NaN, NUL, huge numbers) is refused."""
    if isinstance(value, Mapping):
        return {_storable(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    return _scalar(value.value if isinstance(value, Enum) else value)


def canonical_json(value: Json) -> bytes:
    """RFC 8785 bytes of a plain value. orjson writes the same ones faster, unless keys or numbers are unusual."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if _is_usual(value) else rfc8785.dumps(value)


def _is_usual(value: Json) -> bool:
    """No floats and only ASCII keys: there, UTF-8 order is UTF-16 order and no number needs ECMAScript's spelling."""
    if value is None or isinstance(value, (str, bool)):
        return True
    if isinstance(value, int):
        return -_EXACT < value < _EXACT
    if isinstance(value, dict):
        return all(key.isascii() for key in value) and all(map(_is_usual, value.values()))
    return isinstance(value, list) and all(map(_is_usual, value))


def _scalar(value: object) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _exact(value)
    return _storable(value) if isinstance(value, str) else _spelled(value)


def _exact(value: float) -> int | float:
    if not -_EXACT < value < _EXACT:
        raise ValueError(f"{value} is not exact as a JSON number: write it as text.")
    return int(value) if isinstance(value, int) else float(value)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("A text with a NUL character cannot be stored.")
    return str(text)


def _spelled(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value.")
