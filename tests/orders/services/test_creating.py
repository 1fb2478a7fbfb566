"""Mara creates orders."""

from __future__ import annotations

import pytest

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.events.recording import Actor
from orders.errors import Conflict
from orders.models import Client, LineItem, Order, Production
from orders.schemas import OrderInput, validate
from orders.services.ordering import create_order

CHAIRS = {
    "external_order_id": "WEB-17",
    "external_order_number": "17",
    "client": {"name": "Paul Henriot", "external_client_id": "VINET", "company": "Vins et alcools"},
    "order_items": [{"line_item_id": "17-a", "quantity": 3, "sku": "CH-1"}, {"quantity": 2, "product_name": "Table"}],
}


def test_creates_an_order_with_a_production_per_piece(mara: Member) -> None:
    said = validate(OrderInput, CHAIRS)
    result = create_order(organization=mara.organization, actor=Actor.of_user(mara.user), order=said, source="console")
    order = Order.objects.get()
    assert result.created
    assert (order.order_key, order.quantity, order.stage, order.client.name) == ("NW-1", 5, "to_do", "Paul Henriot")
    assert list(LineItem.objects.order_by("position").values_list("line_item_id", flat=True)) == ["17-a", "2"]
    assert sorted(Production.objects.values_list("key", flat=True)) == [
        "NW-1-1-1",
        "NW-1-1-2",
        "NW-1-1-3",
        "NW-1-2-1",
        "NW-1-2-2",
    ]
    assert Event.objects.filter(kind="order.created", subject=f"order:{order.pk}").count() == 1


def test_the_same_order_again_is_the_one_that_is_there(mara: Member) -> None:
    actor = Actor.of_user(mara.user)
    first = create_order(organization=mara.organization, actor=actor, order=validate(OrderInput, CHAIRS), source="api")
    again = {**CHAIRS, "comment": None, "priority": "Medium", "to_stock": False}
    second = create_order(organization=mara.organization, actor=actor, order=validate(OrderInput, again), source="api")
    assert (second.created, second.order) == (False, first.order)
    other = validate(OrderInput, {**CHAIRS, "comment": "fragile"})
    with pytest.raises(Conflict, match="WEB-17 already: NW-1"):
        create_order(organization=mara.organization, actor=actor, order=other, source="api")
    assert Order.objects.count() == Client.objects.count() == 1
    assert Event.objects.filter(kind="order.created").count() == 1
    mara.organization.refresh_from_db()
    assert mara.organization.last_order_number == 1
