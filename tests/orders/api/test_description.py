"""The OpenAPI document and its page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import AsyncClient, Client

from orders.api.pages import BASE
from tests.orders.api.conftest import body_of


@pytest.mark.django_db
def test_the_document_describes_every_endpoint_and_marks_what_is_our_choice() -> None:
    response = Client().get(f"{BASE}/openapi.json")
    document = body_of(response)
    tags = f"{BASE}/orders/{{external_order_id}}/line-items/{{line_item_id}}/tags"
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == {
        (f"{BASE}/orders", "get"),
        (f"{BASE}/orders", "post"),
        (f"{BASE}/orders/{{external_order_id}}", "get"),
        (f"{BASE}/orders/{{external_order_id}}", "patch"),
        (f"{BASE}/orders/{{external_order_id}}", "delete"),
        (tags, "post"),
        (tags, "put"),
        (tags.replace("/tags", "/attachments"), "post"),
        (f"{BASE}/clients/batch", "post"),
    }
    assert document["components"]["securitySchemes"]["PublicApiKey"]["name"] == "x-api-key"
    assert "Choices beyond the contract" in document["info"]["description"]
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["description"].startswith(("[contract]", "[beyond the contract]"))
            assert {"400", "401", "404", "429", "500"} <= set(operation["responses"])
            assert any(one["name"] == "x-tenant-id" for one in operation["parameters"])
    assert response["X-RateLimit-Limit"] == "15"


@pytest.mark.django_db
def test_the_page_keeps_to_the_sites_policy() -> None:
    response = Client().get(f"{BASE}/docs")
    html = response.content.decode()
    assert response.status_code == 200
    assert (
        "script-src" not in response["Content-Security-Policy"] or "unsafe" not in response["Content-Security-Policy"]
    )
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", html)
    for name in re.findall(r'/static/([^"]+)', html):
        assert finders.find(name), name


def test_the_viewer_comes_with_an_installed_package() -> None:
    found = finders.find("ninja/swagger-ui-bundle.js")
    assert isinstance(found, str)
    assert "site-packages" in found
    assert not list((Path(__file__).parents[3] / "static").rglob("swagger*"))


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_streams_the_list(mara_key: str) -> None:
    client, headers = AsyncClient(), {"x-api-key": mara_key}
    for number in range(3):
        items = [{"quantity": 1}]
        body = {"external_order_id": f"A-{number}", "external_order_number": "1", "order_items": items}
        await client.post(f"{BASE}/orders", json.dumps(body), "application/json", headers=headers)
    response = await client.get(f"{BASE}/orders", headers=headers)
    assert response.is_async
    chunks = [chunk async for chunk in response.streaming_content]
    assert [one["external_order_id"] for one in json.loads(b"".join(chunks))] == ["A-0", "A-1", "A-2"]
