"""Creating, reading, changing and cancelling orders over the Public API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.accounts.access import Member
from dashboard.accounts.api_keys import issue_key
from dashboard.accounts.models import ApiKey
from dashboard.events.models import Event
from dashboard.events.recording import SYSTEM
from orders.models import Order, Production
from orders.schemas import OrderInput, validate
from orders.services.ordering import create_order
from tests.orders.api.conftest import Call, body_of, order_body

LISTED = {
    *("id", "external_order_number", "marketplace_order_number", "external_order_id", "order_key", "comment"),
    *("to_stock", "is_deleted", "priority", "client_id", "counterparty_id", "created_at"),
}


def test_a_line_item_of_five_makes_five_productions(erp: Call) -> None:
    response = erp("POST", "/orders", order_body(comment="fragile", deadline_at="2024-05-17T11:21:47.898Z"))
    assert response.status_code == 201
    body = body_of(response)
    assert set(body) >= LISTED
    assert (body["order_key"], body["external_order_id"], body["priority"]) == ("NW-1", "ERP-1", "Medium")
    assert (body["comment"], body["marketplace_order_number"], body["is_deleted"]) == ("fragile", None, False)
    assert body["deadline_at"] == "2024-05-17T11:21:47.898Z"
    (item,) = body["order_items"]
    assert item["line_item_id"] == "557657-8654-89i76"
    assert [production["key"] for production in item["productions"]] == [f"NW-1-1-{n}" for n in range(1, 6)]
    assert {(p["status"], p["progress"]) for p in item["productions"]} == {("To do", 0)}
    assert Production.objects.count() == 5
    assert Order.objects.get().source == "api"


def test_the_key_is_the_actor_and_the_request_can_be_found(erp: Call) -> None:
    response = erp("POST", "/orders", order_body(), x_request_id="erp-request-1")
    event = Event.objects.get(kind="order.created")
    assert response["X-Request-Id"] == event.request_id == "erp-request-1"
    assert event.actor == f"key:{ApiKey.objects.get().pk}"


def test_a_missing_line_item_id_is_made_and_returned(erp: Call) -> None:
    body = body_of(erp("POST", "/orders", order_body(order_items=[{"quantity": 1}, {"quantity": 1}])))
    assert [item["line_item_id"] for item in body["order_items"]] == ["1", "2"]


def test_the_same_create_again_answers_200_with_the_order_that_is_there(erp: Call) -> None:
    first = erp("POST", "/orders", order_body())
    again = erp("POST", "/orders", order_body())
    assert (first.status_code, again.status_code) == (201, 200)
    assert body_of(first) == body_of(again)
    other = erp("POST", "/orders", order_body(comment="another"))
    assert other.status_code == 409
    assert body_of(other) == {
        "statusCode": 409,
        "message": "Another order has the external_order_id ERP-1 already: NW-1.",
        "error": "Conflict",
    }
    assert Order.objects.count() == 1


def test_two_creates_at_once_make_one_order(erp: Call, mara: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rival commits between our first look and our turn with the numbers."""
    from orders.services import ordering

    real = ordering.take_numbers
    said = validate(OrderInput, order_body())

    def after_the_rival(*args: Any) -> Any:
        monkeypatch.setattr(ordering, "take_numbers", real)
        create_order(organization=mara.organization, actor=SYSTEM, order=said, source="api")
        return real(*args)

    monkeypatch.setattr(ordering, "take_numbers", after_the_rival)
    assert erp("POST", "/orders", order_body()).status_code == 200
    assert Order.objects.count() == 1
    assert body_of(erp("POST", "/orders", order_body(2)))["order_key"] == "NW-2"


def test_reading_one_order(erp: Call) -> None:
    created = body_of(erp("POST", "/orders", order_body()))
    response = erp("GET", "/orders/ERP-1")
    assert (response.status_code, body_of(response)) == (200, created)


def test_ids_may_hold_anything_that_an_address_can(erp: Call) -> None:
    odd = "2024/05 №17?#%"
    assert erp("POST", "/orders", order_body(external_order_id=odd)).status_code == 201
    quoted = "2024%2F05%20%E2%84%9617%3F%23%25"
    assert body_of(erp("GET", f"/orders/{quoted}"))["external_order_id"] == odd
    path = f"/orders/{quoted}/line-items/557657-8654-89i76/tags"
    assert erp("POST", path, {"tags": ["Rush order"]}).status_code == 201


def test_a_change_touches_only_what_it_names(erp: Call) -> None:
    erp("POST", "/orders", order_body(comment="fragile"))
    response = erp("PATCH", "/orders/ERP-1", {"priority": "High", "client": {"phone": None}})
    body = body_of(response)
    assert response.status_code == 200
    assert (body["priority"], body["comment"]) == ("High", "fragile")
    assert (body["client"]["phone"], body["client"]["name"]) == (None, "Client 123")
    again = erp("PATCH", "/orders/ERP-1", {"priority": "High"})
    assert body_of(again) == body
    assert Event.objects.filter(kind="order.updated").count() == 1


def test_a_lower_quantity_cancels_the_newest_or_says_how_many_have_started(erp: Call) -> None:
    erp("POST", "/orders", order_body())
    item = {"line_item_id": "557657-8654-89i76", "quantity": 3}
    productions = body_of(erp("PATCH", "/orders/ERP-1", {"order_items": [item]}))["order_items"][0]["productions"]
    assert [one["status"] for one in productions] == ["To do"] * 3 + ["Canceled"] * 2
    Production.objects.filter(number__lte=2).update(status="In progress")
    response = erp("PATCH", "/orders/ERP-1", {"order_items": [{**item, "quantity": 1}]})
    assert response.status_code == 400
    assert "2 of its 3 productions have started" in body_of(response)["message"]


def test_cancelling(erp: Call) -> None:
    erp("POST", "/orders", order_body())
    first, again = erp("DELETE", "/orders/ERP-1"), erp("DELETE", "/orders/ERP-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert body_of(first) == {"message": "The operation was done successfully"}
    assert body_of(again) == {"message": "Order ERP-1 was cancelled already: nothing changed."}
    assert body_of(erp("GET", "/orders/ERP-1"))["is_deleted"] is True
    assert [order["is_deleted"] for order in body_of(erp("GET", "/orders"))] == [True]
    changed = erp("PATCH", "/orders/ERP-1", {"comment": "too late"})
    assert (changed.status_code, body_of(changed)["message"]) == (400, "Order ERP-1 is cancelled and can't be changed.")


def test_what_is_all_done_can_not_be_cancelled(erp: Call) -> None:
    erp("POST", "/orders", order_body())
    Production.objects.update(status="Done", progress=100)
    Order.objects.update(stage="done")
    assert erp("DELETE", "/orders/ERP-1").status_code == 400


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"comment": "x"}), ("DELETE", None)])
def test_a_strangers_order_is_as_missing_as_none(erp: Call, vera: Member, method: str, body: Any) -> None:
    said = validate(OrderInput, order_body())
    create_order(organization=vera.organization, actor=SYSTEM, order=said, source="api")
    for external_order_id in ("ERP-1", "NOPE", "NUL%00"):
        response = erp(method, f"/orders/{external_order_id}", body)
        assert response.status_code == 404
        assert body_of(response)["message"].startswith("There is no order with the external_order_id")
    assert body_of(erp("GET", "/orders")) == []
    order = Order.objects.get()
    assert (order.comment, order.is_deleted) == ("", False)


def test_the_list_is_a_bare_array_of_exactly_the_documented_fields(erp: Call) -> None:
    for number in range(3):
        erp("POST", "/orders", order_body(number))
    listed = body_of(erp("GET", "/orders"))
    assert [set(order) for order in listed] == [LISTED] * 3
    assert UUID(listed[0]["client_id"]) == Order.objects.first().client_id


def test_pages_are_linked_until_the_last(erp: Call) -> None:
    for number in range(5):
        erp("POST", "/orders", order_body(number))
    seen, path = [], "/orders?limit=2"
    while path:
        response = erp("GET", path)
        seen.append([order["external_order_id"] for order in body_of(response)])
        link = response.get("Link", "")
        path = link.split("/api/v1/public")[1].split(">")[0] if link else ""
    assert seen == [["ERP-0", "ERP-1"], ["ERP-2", "ERP-3"], ["ERP-4"]]


@pytest.mark.parametrize("query", ["limit=0", "limit=5001", "limit=x", "cursor=-1", "cursor=%00"])
def test_a_page_that_is_none_is_named(erp: Call, query: str) -> None:
    response = erp("GET", f"/orders?{query}")
    assert response.status_code == 400
    assert body_of(response)["message"].startswith(query.split("=", maxsplit=1)[0])


def test_a_long_list_is_read_a_thousand_at_a_time(erp: Call, mara: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    from orders.api import listing

    monkeypatch.setattr(listing, "ROWS_AT_ONCE", 2)
    for number in range(5):
        erp("POST", "/orders", order_body(number))
    response = erp("GET", "/orders")
    assert len(list(response.streaming_content)) == 4


def test_a_key_that_may_only_read_can_not_write(erp: Call, mara: Member) -> None:
    reader = issue_key(organization=mara.organization, actor=SYSTEM, label="BI", scopes=["orders:read"]).raw
    assert erp("GET", "/orders", x_api_key=reader).status_code == 200
    response = erp("POST", "/orders", order_body(), x_api_key=reader)
    assert (response.status_code, body_of(response)["message"]) == (
        401,
        "The key in x-api-key lacks the scope orders:write.",
    )
    assert not Order.objects.exists()


def test_creating_an_order_takes_few_queries(erp: Call) -> None:
    erp("POST", "/orders", order_body(1))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert erp("POST", "/orders", order_body(2)).status_code == 201
    statements = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 16, "\n".join(statements)
