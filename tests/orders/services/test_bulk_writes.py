"""A file of orders, written a hundred at a time."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.events.recording import Actor
from orders.models import Client, Order, Production
from orders.schemas import OrderRow, validate
from orders.services.bulk_writes import Written, dry_run_orders, write_orders
from orders.services.ordering import cancel_order


def row(number: int, **changes: Any) -> OrderRow:
    said = {
        "external_order_id": f"F-{number}",
        "external_order_number": str(number),
        "client": {"external_client_id": "TOMSP", "name": "Karin Josephs"},
        "order_items": [{"quantity": "2", "sku": "A"}, {"quantity": 3}],
    }
    return validate(OrderRow, {**said, **changes}, from_text=True)


def write(mara: Member, *rows: OrderRow) -> list[Written]:
    return write_orders(organization=mara.organization, actor=Actor.of_user(mara.user), orders=rows, source="import")


def outcomes(written: list[Written]) -> list[str]:
    return [one.outcome for one in written]


def test_the_same_file_twice_changes_nothing(mara: Member) -> None:
    rows = [row(n) for n in range(1, 6)]
    assert outcomes(dry_run_orders(organization=mara.organization, orders=rows)) == ["created"] * 5
    assert outcomes(write(mara, *rows)) == ["created"] * 5
    before = list(Order.objects.order_by("number").values("number", "revision", "updated_at", "quantity"))
    assert [one["number"] for one in before] == [1, 2, 3, 4, 5]
    assert outcomes(dry_run_orders(organization=mara.organization, orders=rows)) == ["unchanged"] * 5
    assert outcomes(write(mara, *rows)) == ["unchanged"] * 5
    assert list(Order.objects.order_by("number").values("number", "revision", "updated_at", "quantity")) == before
    assert Event.objects.exclude(kind="order.created").count() == 0
    assert (Client.objects.count(), Production.objects.count()) == (1, 25)


def test_an_empty_cell_keeps_the_value(mara: Member) -> None:
    write(mara, row(1, comment="fragile", priority="high"))
    again = validate(
        OrderRow, {"external_order_id": "F-1", "order_items": [{"quantity": 4}], "client": {"phone": "030"}}
    )
    assert outcomes(write(mara, again)) == ["updated"]
    order = Order.objects.get()
    assert (order.comment, order.priority, order.quantity) == ("fragile", "High", 7)
    assert (order.client.name, order.client.phone) == ("Karin Josephs", "030")


def test_a_rejected_order_leaves_the_others(mara: Member) -> None:
    write(mara, row(1), row(2))
    Production.objects.filter(line_item__order__external_order_id="F-1").update(status="In progress")
    order = Order.objects.get(external_order_id="F-2")
    cancel_order(organization=mara.organization, actor=Actor.of_user(mara.user), order_id=order.pk)
    lower = row(1, comment="x", client={"external_client_id": "NEW", "name": "N"}, order_items=[{"quantity": 1}])
    nameless = validate(OrderRow, {"external_order_id": "F-4", "order_items": [{"quantity": 1}]})
    rows = [lower, row(2, comment="late"), row(3), nameless]
    expected = ["rejected", "rejected", "created", "rejected"]
    assert outcomes(dry_run_orders(organization=mara.organization, orders=rows)) == expected
    written = write(mara, *rows)
    assert outcomes(written) == expected
    assert "2 of its 2 productions have started" in written[0].error
    assert written[1].error == "Order F-2 is cancelled and can't be changed."
    assert (written[3].error, written[3].field) == ("external_order_number is required.", "external_order_number")
    assert Order.objects.get(external_order_id="F-1").comment == ""
    assert not Client.objects.filter(external_client_id="NEW").exists()
    mara.organization.refresh_from_db()
    assert mara.organization.last_order_number == 3


def test_an_order_twice_in_one_call_is_a_mistake_of_the_caller(mara: Member) -> None:
    with pytest.raises(ValueError, match="each of them once"):
        write(mara, row(1), row(1))
