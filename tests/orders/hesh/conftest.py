"""Northwind is connected to a Hesh: another organization of the same deployment, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from dashboard.accounts.access import Member
from dashboard.accounts.api_keys import issue_key
from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from dashboard.upstream.models import Connection, Delivery
from dashboard.upstream.services.connections import NewConnection, connect
from orders.models import Order
from orders.schemas import OrderChange, OrderInput, validate
from orders.services.ordering import create_order, update_order
from tests.upstream.conftest import send_due

Relay = Callable[[], int]


@pytest.fixture
def sandbox(db: None) -> Organization:
    return Organization.objects.create(name="Sandbox", slug="sandbox", key_abbreviation="SB")


@pytest.fixture
def hesh(northwind: Organization, sandbox: Organization, live_server: LiveServer, settings: LazySettings) -> Connection:
    settings.DEMO = True
    raw = issue_key(organization=sandbox, actor=SYSTEM, label="Northwind", scopes=["orders:write"]).raw
    new = NewConnection(system="hesh", base_url=f"{live_server.url}/api/v1/public", secret=raw, tenant=str(sandbox.pk))
    return connect(organization=northwind, actor=SYSTEM, connection=new)


@pytest.fixture
def relay(hesh: Connection) -> Relay:
    """Sends what is owed until nothing is; says how many requests that took."""

    def send() -> int:
        sent = 0
        for _ in range(20):
            done = send_due(hesh)
            # On a busy machine the floor may find itself too late to begin one, and sends that anew.
            sent += sum(answer.sent for answer in done.answers)
            if not done.answers and not done.round.quiet:
                return sent
        raise AssertionError("There is always something owed.")

    return send


def delivery(subject_type: str, **which: Any) -> Delivery:
    return Delivery.objects.get(subject_type=subject_type, **which)


def orders(mara: Member, external_order_id: str = "WEB-1", **more: Any) -> Order:
    said = {
        "external_order_id": external_order_id,
        "external_order_number": "1",
        "client": {"name": "Paul Henriot", "external_client_id": "VINET", "phone": "26.47"},
        "order_items": [{"line_item_id": "a", "quantity": 2, "sku": "S"}, {"line_item_id": "b", "quantity": 1}],
    }
    wanted = validate(OrderInput, {**said, **more})
    return create_order(organization=mara.organization, actor=SYSTEM, order=wanted, source="api").order


def changes(mara: Member, order: Order, **said: Any) -> None:
    wanted = validate(OrderChange, said)
    update_order(organization=mara.organization, actor=SYSTEM, order_id=order.pk, change=wanted)
