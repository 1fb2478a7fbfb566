"""Tags, attachments and clients over the Public API."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.events.models import Event
from orders.models import Attachment, LineItem, Order
from orders.models import Client as OrderClient
from tests.orders.api.conftest import Call, body_of, order_body

ITEM = "/orders/ERP-1/line-items/557657-8654-89i76"
DONE = {"message": "The operation was done successfully"}
DRAWING = {"url": "https://cdn.example.com/files/technical_drawing.pdf", "file_name": "technical_drawing.pdf"}


@pytest.fixture(autouse=True)
def _laptops(erp: Call) -> None:
    erp("POST", "/orders", order_body())


def tags() -> list[str]:
    return list(LineItem.objects.get().tags)


def test_tags_are_added_once(erp: Call) -> None:
    response = erp(
        "POST", f"{ITEM}/tags", {"tags": ["Rush order", "High priority"], "apply_to_nested_productions": True}
    )
    assert (response.status_code, body_of(response)) == (201, DONE)
    again = erp("POST", f"{ITEM}/tags", {"tags": ["New", "Rush order"]})
    assert (again.status_code, body_of(again)["error"]) == (409, "Conflict")
    assert body_of(again)["message"] == "Line item 557657-8654-89i76 already has the tag Rush order."
    assert tags() == ["Rush order", "High priority"]
    assert body_of(erp("GET", "/orders/ERP-1"))["order_items"][0]["tags"] == tags()
    assert Event.objects.filter(kind="order.tags_added").count() == 1


def test_tags_are_replaced_as_a_whole(erp: Call) -> None:
    erp("POST", f"{ITEM}/tags", {"tags": ["a", "b"]})
    for _ in range(2):
        response = erp("PUT", f"{ITEM}/tags", {"tags": ["c", "c"]})
        assert (response.status_code, body_of(response)) == (200, DONE)
    assert tags() == ["c"]
    assert Event.objects.filter(kind="order.tags_replaced").count() == 1
    erp("PUT", f"{ITEM}/tags", {"tags": []})
    assert tags() == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/orders/NOPE/line-items/x/tags", "There is no order with the external_order_id NOPE"),
        ("/orders/ERP-1/line-items/x/tags", "Order ERP-1 has no line item x"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_there_are_two_reasons_for_a_404(erp: Call, method: str, path: str, words: str) -> None:
    response = erp(method, path, {"tags": ["a"]})
    assert response.status_code == 404
    assert words in body_of(response)["message"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "tags is required"),
        ({"tags": []}, "tags must hold at least 1 entry"),
        ({"tags": [""]}, "tags[0] must not be empty"),
        ({"tags": ["x" * 81]}, "tags[0] must be at most 80 characters long"),
        ({"tags": [str(n) for n in range(51)]}, "tags must hold at most 50 entries"),
        ({"tags": ["a"], "apply_to_nested_productions": 1}, "apply_to_nested_productions must be true or false"),
    ],
)
def test_wrong_tags_are_named(erp: Call, body: Any, words: str) -> None:
    response = erp("POST", f"{ITEM}/tags", body)
    assert response.status_code == 400
    assert words in body_of(response)["message"]


def test_an_attachment_is_added_once_however_often_it_is_sent(erp: Call) -> None:
    for _ in range(2):
        response = erp("POST", f"{ITEM}/attachments", {**DRAWING, "is_primary": True})
        assert (response.status_code, body_of(response)) == (201, DONE)
    assert erp("POST", f"{ITEM}/attachments", {"url": "https://x.example/b.png", "is_primary": True}).status_code == 201
    assert list(Attachment.objects.order_by("created_at").values_list("file_name", "is_primary")) == [
        ("technical_drawing.pdf", False),
        ("", True),
    ]


@pytest.mark.parametrize("url", ["ftp://x/y", "javascript:alert(1)", "/etc/passwd", "https://user@host/x", ""])
def test_an_attachment_needs_a_web_address(erp: Call, url: str) -> None:
    response = erp("POST", f"{ITEM}/attachments", {"url": url})
    assert response.status_code == 400
    assert body_of(response)["message"] == "url must be an http or https address."


def test_a_cancelled_order_takes_neither(erp: Call) -> None:
    erp("DELETE", "/orders/ERP-1")
    assert erp("POST", f"{ITEM}/tags", {"tags": ["a"]}).status_code == 400
    assert erp("PUT", f"{ITEM}/tags", {"tags": ["a"]}).status_code == 400
    assert erp("POST", f"{ITEM}/attachments", DRAWING).status_code == 400


def test_clients_are_created_and_updated_by_their_external_id(erp: Call) -> None:
    known = {"name": "Client 456", "external_client_id": "1345-2345", "email": "client@gmail.com"}
    new = {"name": "New", "external_client_id": "77", "company": None}
    response = erp("POST", "/clients/batch", {"clients": [known, new]})
    assert response.status_code == 200
    first, second = body_of(response)
    assert set(first) == {"id", "external_client_id", "name", "phone", "email", "company"}
    assert (first["name"], first["phone"], first["company"]) == ("Client 456", "00074567309", None)
    assert second["external_client_id"] == "77"
    assert OrderClient.objects.count() == 2
    assert erp("POST", "/clients/batch", {"clients": [known, new]}).content == response.content
    kinds = Event.objects.filter(kind__startswith="client.").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["client.created", "client.updated"]


def test_a_renamed_client_finds_its_orders(erp: Call) -> None:
    erp("POST", "/clients/batch", {"clients": [{"name": "Zebra", "external_client_id": "1345-2345"}]})
    assert Order.objects.filter(search__holds="'zebra'").exists()


@pytest.mark.parametrize(
    ("clients", "words"),
    [
        ([], "clients must hold at least 1 entry"),
        ([{"name": "N"}], "clients[0].external_client_id is required"),
        ([{"name": "N", "external_client_id": str(n)} for n in range(501)], "clients must hold at most 500 entries"),
        ([{"name": "N", "external_client_id": "1"}] * 2, "clients names the external_client_id 1 twice"),
    ],
)
def test_a_wrong_batch_changes_nothing(erp: Call, clients: Any, words: str) -> None:
    response = erp("POST", "/clients/batch", {"clients": clients})
    assert response.status_code == 400
    assert words in body_of(response)["message"]
    assert OrderClient.objects.get().name == "Client 123"
