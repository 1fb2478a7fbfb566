"""Orders as lists need them: many, cheap, and different in every column that a filter knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from dashboard.upstream.models import Budget, Connection, Delivery
from orders import counts
from orders.models import Order
from orders.schemas import OrderInput, validate
from orders.services.ordering import create_order

MakeOrder = Callable[..., Order]
MakeDelivery = Callable[..., Delivery]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A story changes something and looks at once; people wait the second that counters may lag."""
    monkeypatch.setattr(counts, "FRESH_SECONDS", -1.0)


@pytest.fixture
def make_order() -> MakeOrder:
    """`make_order(northwind, "NW-1", client="Paul", stage="done")`: by the service, then as the story has it."""

    def make(organization: Organization, external_id: str, **facts: Any) -> Order:
        said: dict[str, Any] = {
            "external_order_id": external_id,
            "external_order_number": facts.pop("external_number", external_id),
            "order_items": [
                {"sku": facts.pop("sku", "S-1"), "product_name": facts.pop("product", "Chair"), "quantity": 2}
            ],
        }
        if client := facts.pop("client", None):
            said["client"] = {"name": client, "external_client_id": client.upper()}
        for name in ("comment", "deadline_at", "priority"):
            if name in facts:
                said[name] = facts.pop(name)
        source = facts.pop("source", "console")
        order = create_order(
            organization=organization, actor=SYSTEM, order=validate(OrderInput, said), source=source
        ).order
        if facts:
            Order.objects.filter(pk=order.pk).update(**facts)
            order.refresh_from_db()
        return order

    return make


@pytest.fixture
def hesh(northwind: Organization) -> Connection:
    budget = Budget.objects.create(
        system="hesh", host="hesh.example", key_fingerprint="f", windows=[[15, 1], [300, 60], [4000, 3600]]
    )
    return Connection.objects.create(
        organization=northwind,
        budget=budget,
        system="hesh",
        label="Hesh",
        base_url="https://hesh.example/api/v1/public",
        sealed_secret=b"",
    )


@pytest.fixture
def make_delivery(hesh: Connection) -> MakeDelivery:
    """What the upstream is owed about an order, in a state that a story needs."""

    def make(order: Order, state: str, **facts: Any) -> Delivery:
        values: dict[str, Any] = {
            "organization": order.organization,
            "lane": order.pk,
            "state": state,
            "queued_at": NOW,
            "due_at": NOW,
            **facts,
        }
        subject = {"subject_type": facts.get("subject_type", "order"), "subject_id": facts.get("subject_id", order.pk)}
        return Delivery.objects.update_or_create(connection=hesh, **subject, defaults=values)[0]

    return make
