"""An order of Northwind, with and without an upstream that is owed it."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from dashboard.upstream import services
from dashboard.upstream.models import Connection, Delivery
from orders.models import Order
from orders.schemas import OrderInput
from orders.services.ordering import create_order

ClientOf = Callable[[Member], Client]


def new_order(organization: Organization, name: str = "A-1", **fields: object) -> Order:
    said = {
        "external_order_id": name,
        "external_order_number": f"No. {name}",
        "client": {"name": "Ada", "external_client_id": "C-1"},
        "order_items": [{"line_item_id": "1", "quantity": 3, "sku": "S-1", "product_name": "Chair"}],
        **fields,
    }
    return create_order(
        organization=organization, actor=SYSTEM, order=OrderInput.model_validate(said), source="api"
    ).order


@pytest.fixture
def hesh(northwind: Organization, settings: LazySettings) -> Connection:
    """Nobody listens there: what is owed to it waits."""
    settings.DEMO = True
    new = services.NewConnection(system="hesh", base_url="http://127.0.0.1:9/api/v1/public", secret="key of Northwind")
    return services.connect(organization=northwind, actor=SYSTEM, connection=new)


@pytest.fixture
def order(northwind: Organization) -> Order:
    return new_order(northwind)


@pytest.fixture
def owed_order(northwind: Organization, hesh: Connection) -> Order:
    return new_order(northwind)


@pytest.fixture
def delivery(owed_order: Order) -> Delivery:
    return Delivery.objects.get(subject_id=owed_order.pk)


def refuse(delivery: Delivery, reason: str, field: str = "") -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.REFUSED, reason=reason, reason_field=field, failures=1
    )


@pytest.fixture
def browser(mara: Member, client_of: ClientOf) -> Client:
    return client_of(mara)
