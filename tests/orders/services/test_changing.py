"""Mara changes and cancels orders."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.events.recording import Actor
from orders.errors import Missing, NotAllowed, OrderError
from orders.models import Order, Production
from orders.schemas import OrderChange, OrderInput, validate
from orders.services.ordering import Cancelled, Updated, cancel_order, create_order, update_order

DESKS = {
    "external_order_id": "WEB-18",
    "external_order_number": "18",
    "comment": "fragile",
    "client": {"name": "Karin Josephs", "external_client_id": "TOMSP", "phone": "0251"},
    "order_items": [{"line_item_id": "a", "quantity": 3, "sku": "D-1"}, {"line_item_id": "b", "quantity": 2}],
}


@pytest.fixture
def desks(mara: Member) -> Order:
    said = validate(OrderInput, DESKS)
    actor = Actor.of_user(mara.user)
    return create_order(organization=mara.organization, actor=actor, order=said, source="console").order


def change(mara: Member, order: Order, **said: Any) -> Updated:
    wanted = validate(OrderChange, said)
    actor = Actor.of_user(mara.user)
    return update_order(organization=mara.organization, actor=actor, order_id=order.pk, change=wanted)


def cancel(mara: Member, order: Order) -> Cancelled:
    return cancel_order(organization=mara.organization, actor=Actor.of_user(mara.user), order_id=order.pk)


def statuses(line_item_id: str) -> list[str]:
    found = Production.objects.filter(line_item__line_item_id=line_item_id)
    return list(found.order_by("number").values_list("status", flat=True))


def test_changes_only_what_is_named(mara: Member, desks: Order) -> None:
    result = change(mara, desks, comment=None, priority="High", client={"phone": "030"}, order_items=[])
    desks.refresh_from_db()
    assert result.changed == ("client.phone", "comment", "priority")
    assert (desks.comment, desks.priority, desks.revision, desks.external_order_number) == ("", "High", 2, "18")
    assert (desks.client.name, desks.client.phone) == ("Karin Josephs", "030")
    event = Event.objects.get(kind="order.updated")
    assert event.data == {"fields": ["client.phone", "comment", "priority"], "revision": 2}


def test_saying_what_is_already_so_changes_nothing(mara: Member, desks: Order) -> None:
    same = {key: value for key, value in DESKS.items() if key != "external_order_id"}
    result = change(mara, desks, external_order_id="WEB-18", **same)
    desks.refresh_from_db()
    assert (result.changed, desks.revision) == ((), 1)
    assert not Event.objects.filter(kind="order.updated").exists()


def test_a_lower_quantity_cancels_the_newest_that_wait(mara: Member, desks: Order) -> None:
    Production.objects.filter(line_item__line_item_id="a", number=3).update(status="In progress", progress=50)
    change(mara, desks, order_items=[{"line_item_id": "a", "quantity": 2}])
    desks.refresh_from_db()
    assert statuses("a") == ["To do", "Canceled", "In progress"]
    assert (desks.quantity, desks.stage, desks.progress) == (4, "in_progress", 12)


def test_a_refused_quantity_leaves_the_whole_change_undone(mara: Member, desks: Order) -> None:
    Production.objects.filter(line_item__line_item_id="a").update(status="In progress")
    with pytest.raises(NotAllowed, match="line item a of order WEB-18 can't be lowered to 1: 3 of its 3"):
        change(mara, desks, comment="new", order_items=[{"line_item_id": "a", "quantity": 1}])
    desks.refresh_from_db()
    assert (desks.comment, desks.quantity, desks.revision) == ("fragile", 5, 1)


def test_raising_a_quantity_again_makes_new_productions(mara: Member, desks: Order) -> None:
    change(mara, desks, order_items=[{"line_item_id": "b", "quantity": 1}])
    change(mara, desks, order_items=[{"line_item_id": "b", "quantity": 2}, {"quantity": 4, "sku": "X"}])
    desks.refresh_from_db()
    assert statuses("b") == ["To do", "Canceled", "To do"]
    assert statuses("3") == ["To do"] * 4
    assert desks.quantity == 9
    assert Production.objects.filter(key="NW-1-2-3").exists()


def test_a_new_line_item_needs_a_quantity(mara: Member, desks: Order) -> None:
    with pytest.raises(OrderError, match="quantity is required for the new line item c"):
        change(mara, desks, order_items=[{"line_item_id": "c", "sku": "X"}])


def test_a_client_can_be_replaced_and_taken_away(mara: Member, desks: Order) -> None:
    change(mara, desks, client={"external_client_id": "VINET", "name": "Paul Henriot"})
    desks.refresh_from_db()
    assert desks.client.name == "Paul Henriot"
    with pytest.raises(OrderError, match="required for the new client NEW"):
        change(mara, desks, client={"external_client_id": "NEW"})
    change(mara, desks, client=None)
    desks.refresh_from_db()
    assert desks.client is None


def test_cancelling_takes_what_is_not_done_and_repeating_it_says_so(mara: Member, desks: Order) -> None:
    Production.objects.filter(line_item__line_item_id="a").update(status="Done", progress=100)
    first, second = cancel(mara, desks), cancel(mara, desks)
    desks.refresh_from_db()
    assert (first.changed, first.productions, second.changed) == (True, 2, False)
    assert (desks.is_deleted, desks.stage, desks.quantity) == (True, "cancelled", 3)
    assert statuses("a") + statuses("b") == ["Done"] * 3 + ["Canceled"] * 2
    assert Event.objects.filter(kind="order.cancelled").count() == 1
    with pytest.raises(NotAllowed, match="WEB-18 is cancelled"):
        change(mara, desks, comment="too late")
    assert change(mara, desks, comment="fragile").changed == ()


def test_what_is_all_done_cannot_be_cancelled(mara: Member, desks: Order) -> None:
    Production.objects.update(status="Done", progress=100)
    Order.objects.update(stage="done")
    with pytest.raises(NotAllowed, match="all of its productions are done"):
        cancel(mara, desks)
    desks.refresh_from_db()
    assert not desks.is_deleted


def test_a_strangers_order_is_missing(mara: Member, vera: Member, desks: Order) -> None:
    with pytest.raises(Missing):
        change(vera, desks, comment="mine")
    with pytest.raises(Missing):
        cancel(vera, desks)
