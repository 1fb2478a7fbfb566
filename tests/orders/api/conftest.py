"""The ERP of Northwind, which talks to the Public API with Mara's key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

Call = Callable[..., HttpResponse]
BASE = "/api/v1/public"


def body_of(response: Any) -> Any:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return orjson.loads(content)


def order_body(number: int = 1, **changes: Any) -> dict[str, Any]:
    body = {
        "external_order_id": f"ERP-{number}",
        "external_order_number": f"ON-{number}",
        "client": {"name": "Client 123", "external_client_id": "1345-2345", "phone": "00074567309"},
        "order_items": [{"line_item_id": "557657-8654-89i76", "quantity": 5, "product_name": "Laptop"}],
    }
    return {**body, **changes}


@pytest.fixture
def erp(mara_key: str) -> Call:
    """`erp("POST", "/orders", {...})`; bytes are sent as they are, headers replace the usual ones."""

    def call(method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"x-api-key": mara_key, **{name.replace("_", "-"): value for name, value in headers.items()}}
        kept = {name: value for name, value in sent.items() if value}
        return Client().generic(method, BASE + path, content, "application/json", headers=kept)

    return call
