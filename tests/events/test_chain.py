"""What the hash covers, byte for byte."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
import rfc8785
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from dashboard.events.canonical_json import canonical_json, plain
from dashboard.events.chain import GENESIS, Link, Row, body_hash, event_hash, walk

AT = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**52), 2.0**52)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def row(seq: int, **fields: object) -> Row:
    said = {"at": AT, "kind": "parcel.lost", "actor": "system", "subject": "parcel:1", "request_id": "", "data": {}}
    return Row(organization="6f0c", seq=seq, **{**said, "body_hash": b"", **fields})  # type: ignore[arg-type]


def chain(*rows: Row) -> list[Link]:
    links, previous = [], GENESIS
    for each in rows:
        previous = event_hash(previous, each)
        links.append(Link(each, previous))
    return links


def test_the_hash_is_that_of_the_published_bytes() -> None:
    text = (
        '{"actor":"system","at":"2026-03-01T12:00:00.000005Z","body_hash":"ab","data":{"n":1},"kind":"parcel.lost",'
        '"organization":"6f0c","request_id":"r","seq":7,"subject":"parcel:1"}'
    )
    expected = blake3(b"countersign-event/v1\0" + b"p" * 32 + text.encode()).digest()

    assert event_hash(b"p" * 32, row(7, request_id="r", data={"n": 1}, body_hash=b"\xab")) == expected


def test_time_is_utc_whatever_zone_it_was_read_in() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=-5)))
    assert event_hash(GENESIS, row(1, at=elsewhere)) == event_hash(GENESIS, row(1))


@given(VALUES)
def test_the_fast_spelling_is_the_canonical_one(value: object) -> None:
    assert canonical_json(plain(value)) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(VALUES)
def test_what_is_read_back_is_spelled_the_same(value: object) -> None:
    spelled = canonical_json(plain(value))
    assert canonical_json(json.loads(spelled)) == spelled


def test_what_services_hold_becomes_json() -> None:
    class Colour(StrEnum):
        RED = "red"

    key = UUID("00000000-0000-4000-8000-000000000001")
    held = {
        "id": key,
        "on": date(2026, 3, 1),
        "price": Decimal("1.50"),
        "colour": Colour.RED,
        "tags": {"b", "a"},
        4: (1,),
    }

    assert plain(held) == {
        "id": str(key),
        "on": "2026-03-01",
        "price": "1.50",
        "colour": "red",
        "tags": ["a", "b"],
        "4": [1],
    }


def test_an_untouched_chain_is_walked_to_its_end() -> None:
    links = chain(row(1), row(2), row(3))
    walked = walk(links)
    assert (walked.rows, walked.seq, walked.head, walked.first_bad_seq) == (3, 3, links[-1].hash, None)


@pytest.mark.parametrize(
    ("left", "first_bad"), [([1, 2], 1), ([0, 2], 2), ([0, 2, 1], 2), ([0, 1, 1, 2], 2), ([2, 1, 0], 1)]
)
def test_missing_reordered_and_repeated_rows_are_named(left: list[int], first_bad: int) -> None:
    links = chain(row(1), row(2), row(3))
    assert walk(links[index] for index in left).first_bad_seq == first_bad


@pytest.mark.parametrize(
    "change",
    [{"kind": "x"}, {"actor": "x"}, {"subject": "x"}, {"request_id": "x"}, {"data": {"x": 1}}, {"body_hash": b"x"}],
)
def test_every_field_is_covered(change: dict[str, object]) -> None:
    links = chain(row(1), row(2))
    assert walk([links[0], Link(row(2, **change), links[1].hash)]).first_bad_seq == 2


def test_a_body_is_checked_while_it_is_there() -> None:
    (link,) = chain(row(1, body_hash=body_hash('{"a":1}')))
    assert walk([Link(link.row, link.hash, '{"a":1}')]).first_bad_seq is None
    assert walk([Link(link.row, link.hash, '{"a":2}')]).first_bad_seq == 1
    assert walk([Link(link.row, link.hash, None)]).first_bad_seq is None
