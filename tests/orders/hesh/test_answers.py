"""What Hesh's answers mean: only what can be read counts, and a refusal names its field."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from dashboard.upstream.adapters import Answer
from dashboard.upstream.models import Attempt
from orders.hesh_answers import field_in, listed, verdict

ORDER = {"id": "7", "external_order_id": "WEB-1"}


def answer(status: int, body: Any = b"", **headers: str) -> Answer:
    return Answer(status, headers, body if isinstance(body, bytes) else orjson.dumps(body))


def attempt(operation: str, **claims: Any) -> Attempt:
    return Attempt(operation=operation, claims={"external_order_id": "WEB-1", **claims})


@pytest.mark.parametrize("body", [ORDER, {"data": ORDER}, {"id": "7"}])
@pytest.mark.parametrize("status", [200, 201])
def test_a_create_is_done_when_the_order_comes_back(status: int, body: Any) -> None:
    said = verdict(attempt("create"), answer(status, body))
    assert (said.outcome, said.remote_id) == ("delivered", "7")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>ok</html>",
        b'{"id": "7"',
        b"[]",
        b"null",
        b'"ok"',
        {"message": "fine"},
        {"data": []},
        {"id": "7", "external_order_id": "WEB-2"},
    ],
)
def test_a_create_without_its_order_is_unknown(body: Any) -> None:
    with pytest.raises(ValueError, match="it "):
        verdict(attempt("create"), answer(201, body))


@pytest.mark.parametrize("operation", ["update", "cancel", "add_tags", "replace_tags", "attach", "upsert_clients"])
def test_everything_else_is_done_when_something_readable_comes_back(operation: str) -> None:
    for fine in (answer(200, {"message": "ok"}), answer(201, []), answer(204)):
        assert verdict(attempt(operation), fine).outcome == "delivered"
    for garbage in (answer(200), answer(200, b"<html>"), answer(200, b'"ok"')):
        with pytest.raises(ValueError, match="it is"):
            verdict(attempt(operation), garbage)


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (
            {"message": "order_items[0].quantity must be at least 1."},
            "order_items[0].quantity must",
            "order_items[0].quantity",
        ),
        ({"message": ["order_items.0.quantity must not be less than 1"]}, "order_items.0", "order_items.0.quantity"),
        ({"message": ["a", "deadline_at must be a date"]}, "a; deadline_at must be", "deadline_at"),
        ({"message": "The client of this order is blocked"}, "The client of this order is blocked", ""),
        ({"error": "Bad Request"}, "Bad Request", ""),
        ({}, "The upstream refused it without a reason", ""),
        (b"<html>", "The upstream refused it without a readable reason", ""),
    ],
)
def test_a_refusal_keeps_its_reason_and_names_its_field(body: Any, reason: str, field: str) -> None:
    said = verdict(attempt("create"), answer(400, body))
    assert said.outcome == "refused"
    assert said.detail.startswith(reason)
    assert said.detail.endswith("(HTTP 400)")
    assert said.reason_field == field


def test_words_of_prose_are_no_fields() -> None:
    assert field_in("No name was given for client") == ""
    assert field_in("quantity is too high") == "quantity"
    assert field_in("The quantity is too high") == "quantity"
    assert field_in("the line_item_id is unknown") == "line_item_id"


def test_what_is_gone_is_cancelled() -> None:
    assert verdict(attempt("cancel"), answer(404, {"message": "no such order"})).outcome == "delivered"
    assert verdict(attempt("update"), answer(404, {"message": "no such order"})).outcome == "refused"


def test_a_conflict_over_tags_is_a_yes_only_where_it_can_not_hide_a_missing_one() -> None:
    conflict = answer(409, {"message": "tag exists"})
    assert verdict(attempt("add_tags", added=["a"], again=False), conflict).outcome == "delivered"
    assert verdict(attempt("add_tags", added=["a", "b"], again=True), conflict).outcome == "delivered"
    assert verdict(attempt("add_tags", added=["a", "b"], again=False), conflict).outcome == "refused"


def test_a_list_is_read_bare_or_in_an_envelope() -> None:
    expected = {"WEB-1": ORDER}
    assert listed(answer(200, [ORDER, {"id": "8", "external_order_id": None}])) == expected
    assert listed(answer(200, {"data": [ORDER], "meta": {"next": None}})) == expected


@pytest.mark.parametrize(
    "incomplete",
    [
        answer(200, {"data": [ORDER], "meta": {"next": 2}}),
        answer(200, [ORDER], Link='</orders?cursor=2>; rel="next"'),
        answer(200, {"message": "ok"}),
        answer(200, [1]),
        answer(200, b"[{"),
    ],
)
def test_a_list_that_may_be_incomplete_says_nothing(incomplete: Answer) -> None:
    with pytest.raises(ValueError, match="it is"):
        listed(incomplete)
