"""Whatever is wrong with a request, it gets one sentence in the contract's shape, and nothing half-done stays."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import orjson
import pytest
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.accounts.api_keys import issue_key, revoke_key
from dashboard.accounts.models import ApiKey
from dashboard.events.recording import SYSTEM
from orders.models import Client as OrderClient
from orders.models import Order
from tests.orders.api.conftest import BASE, Call, body_of, order_body

LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def assert_error(response: Any, status: int, *words: str) -> None:
    body = body_of(response)
    assert response.status_code == status, body
    assert set(body) == {"statusCode", "message", "error"}
    assert (body["statusCode"], body["error"]) == (status, HTTPStatus(status).phrase)
    for word in words:
        assert word in body["message"]
    assert all(response[name].isdigit() for name in LIMITS)
    assert response["X-Request-Id"]
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"external_order_id": None}, "external_order_id must be a text"),
        ({"external_order_id": ""}, "external_order_id must not be empty"),
        ({"external_order_id": "x" * 121}, "external_order_id must be at most 120 characters long"),
        ({"external_order_id": "a\x00b"}, "external_order_id must not hold a NUL character (byte 0)"),
        ({"external_order_id": 17}, "external_order_id must be a text"),
        ({"external_order_id": ".."}, "external_order_id must not be a dot or two"),
        ({"comment": "a\x00"}, "comment must not hold a NUL character (byte 0)"),
        ({"comment": "x" * 10_001}, "comment must be at most 10,000 characters long"),
        (
            {"deadline_at": "2026-02-30T00:00:00Z"},
            "deadline_at is not a date and time that exists: 2026-02-30T00:00:00Z",
        ),
        ({"deadline_at": "tomorrow"}, "deadline_at must be a date and time such as 2026-03-01T12:00:00Z"),
        ({"deadline_at": 1_700_000_000}, "deadline_at must be a date and time"),
        ({"deadline_at": "9999-12-31T23:59:59-23:00"}, "deadline_at must be a date from 1900 to 2199"),
        ({"to_stock": "yes"}, "to_stock must be true or false"),
        ({"priority": "Urgent"}, "priority must be one of 'Highest', 'High', 'Medium', 'Low' or 'Lowest'"),
        ({"surprise": 1}, "surprise is not a known field: remove it"),
        ({"client": {"external_client_id": "1"}}, "client.name is required"),
        ({"client": {"name": "N", "vat": 1}}, "client.vat is not a known field: remove it"),
        ({"client": {"name": "N", "email": "nobody"}}, "client.email must be an e-mail address"),
        ({"client": "N"}, "client must be an object"),
        ({"order_items": []}, "order_items must hold at least 1 entry"),
        ({"order_items": "many"}, "order_items must be a list"),
        ({"order_items": [{}]}, "order_items[0].quantity is required"),
        ({"order_items": [{"quantity": 0}]}, "order_items[0].quantity must be at least 1"),
        ({"order_items": [{"quantity": -1}]}, "order_items[0].quantity must be at least 1"),
        ({"order_items": [{"quantity": 1_000_000_000}]}, "order_items[0].quantity must be at most 10,000"),
        ({"order_items": [{"quantity": 10**30}]}, "order_items[0].quantity must be"),
        ({"order_items": [{"quantity": 1.5}]}, "order_items[0].quantity must be a whole number"),
        ({"order_items": [{"quantity": "5"}]}, "order_items[0].quantity must be a whole number"),
        ({"order_items": [{"quantity": True}]}, "order_items[0].quantity must be a whole number"),
        ({"order_items": [{"quantity": 1}] * 1_001}, "order_items must hold at most 1,000 entries"),
        ({"order_items": [{"quantity": 10_000}] * 3}, "order_items adds up to 30,000 productions"),
        (
            {"order_items": [{"line_item_id": "a", "quantity": 1}, {"line_item_id": "a", "quantity": 1}]},
            "order_items names the line_item_id a twice",
        ),
    ],
)
def test_a_wrong_field_is_named(erp: Call, changes: dict[str, Any], message: str) -> None:
    response = erp("POST", "/orders", order_body(**changes))
    assert_error(response, 400, message)
    assert not Order.objects.exists()
    assert not OrderClient.objects.exists()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The body is required"),
        (b"{", "The body is not JSON in UTF-8"),
        (b'{"comment": "\xff\xfe"}', "The body is not JSON in UTF-8"),
        (rb'{"comment": "\ud800"}', "The body is not JSON in UTF-8"),
        (b'{"order_items": [{"quantity": NaN}]}', "The body is not JSON in UTF-8"),
        (b"[" * 100_000, "The body is not JSON in UTF-8"),
        (b"[]", "The body must be an object"),
        (b"null", "The body must be an object"),
        (b'"order"', "The body must be an object"),
        (b'{"comment": "' + b"x" * 10_000_000 + b'"}', "The body is too large: at most 8 MB"),
    ],
)
def test_a_body_that_can_not_be_read_says_why(erp: Call, body: bytes, words: str) -> None:
    assert_error(erp("POST", "/orders", body), 400, words)


def test_all_problems_are_told_at_once(erp: Call) -> None:
    response = erp("POST", "/orders", {"surprise": 1, "order_items": [{"quantity": 0}]})
    assert_error(response, 400, "external_order_id is required", "order_items[0].quantity", "surprise")


def test_a_change_can_not_take_away_what_is_required(erp: Call) -> None:
    erp("POST", "/orders", order_body())
    for change, words in [
        ({"priority": None}, "priority must not be null"),
        ({"external_order_number": None}, "external_order_number must not be null"),
        ({"external_order_id": "other"}, "external_order_id can't be changed"),
        ({"client": {"name": None}}, "client must keep its name"),
        ({"order_items": [{"line_item_id": "new"}]}, "quantity is required for the new line item new"),
    ]:
        assert_error(erp("PATCH", "/orders/ERP-1", change), 400, words)
    assert Order.objects.get().revision == 1


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"x_api_key": ""}, 401, "The header x-api-key is missing"),
        ({"x_api_key": "nonsense"}, 401, "is not valid"),
        ({"x_api_key": "cs_live_" + "a" * 43}, 401, "is not valid"),
        ({"authorization": "Bearer cs_live_" + "b" * 43}, 401, "is not valid"),
        ({"x_tenant_id": "northwind"}, 400, "The header x-tenant-id must be a UUID"),
        ({"x_tenant_id": "6f1e5a9e-0000-4000-8000-000000000000"}, 401, "does not belong to the organization"),
    ],
)
def test_who_is_not_let_in_is_told_why(erp: Call, headers: dict[str, str], status: int, words: str) -> None:
    assert_error(erp("GET", "/orders", None, **headers), status, words)


def test_the_own_tenant_may_be_named(erp: Call, mara: Member) -> None:
    assert erp("GET", "/orders", x_tenant_id=str(mara.organization.pk)).status_code == 200


def test_two_keys_are_nobody_even_when_both_are_valid(erp: Call, mara: Member, mara_key: str) -> None:
    other = issue_key(organization=mara.organization, actor=SYSTEM, label="Shop", scopes=["orders:write"]).raw
    assert_error(erp("GET", "/orders", x_api_key=f"{mara_key}, {other}"), 401, "not the only one")
    assert_error(erp("GET", "/orders", authorization=f"Bearer {other}"), 401, "not the only one")
    assert erp("GET", "/orders", authorization=f"Bearer {mara_key}").status_code == 200


def test_a_revoked_key_is_out_at_once(erp: Call, mara: Member) -> None:
    assert erp("GET", "/orders").status_code == 200
    revoke_key(organization=mara.organization, actor=SYSTEM, key_id=ApiKey.objects.get().pk)
    assert_error(erp("GET", "/orders"), 401, "revoked")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("GET", path) for path in ("/", "/order", "/orders/", "/materials", "/clients/batch/x")],
        *[(method, "/orders") for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")],
        *[("GET", "/orders/A/line-items/B/tags"), ("GET", "/clients/batch"), ("POST", "/orders/ERP-1")],
    ],
)
def test_what_is_not_there_is_404(erp: Call, method: str, path: str) -> None:
    assert_error(erp(method, path, {}), 404, f"Cannot {method}")


def test_a_failure_of_ours_is_500_in_the_same_shape(
    erp: Call, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from orders.api import routes

    def broken(**_: Any) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(routes, "create_order", broken)
    with caplog.at_level(logging.ERROR, "orders.api.door"):
        assert_error(erp("POST", "/orders", order_body()), 500, "Something went wrong on our side")
    assert "disk on fire" in caplog.text


def test_a_cookie_is_no_key_and_a_post_needs_no_form_token(mara: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(mara.user)
    response = browser.post(f"{BASE}/orders", orjson.dumps(order_body()), "application/json")
    assert_error(response, 401, "x-api-key is missing")
