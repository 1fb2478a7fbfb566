"""What an event is about, as references: its subject, and what its data names. Pages that show one of them must change.

Understood in data: `"order:<id>"` anywhere at the top level (also in lists), `{"order": id}`, `{"order_id": id}`, and
`{"ids": [...]}`, which are ids of what the kind begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashboard.events.canonical_json import Json

Ref = tuple[str, str]


def touched(kind: str, subject: str, data: Json) -> frozenset[Ref]:
    found = {_ref(subject)}
    for key, value in data.items() if isinstance(data, dict) else ():
        found.update(_named(kind, key, value))
    return frozenset(ref for ref in found if all(ref))


def _named(kind: str, key: str, value: Json) -> Iterator[Ref]:
    owner = kind.partition(".")[0] if key == "ids" else key.removesuffix("_id")
    for text in _texts(value):
        yield _ref(text) if ":" in text else (owner, text)


def _texts(value: Json) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return (str(each) for each in values if isinstance(each, (str, int)) and not isinstance(each, bool))


def _ref(text: str) -> Ref:
    kind, _, name = text.partition(":")
    return kind, name
