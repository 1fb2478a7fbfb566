"""Mara moves productions where no upstream is connected."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.events.recording import SYSTEM, Actor
from dashboard.upstream.models import Budget, Connection
from orders.errors import Missing, NotAllowed, OrderError
from orders.models import Order, Production
from orders.schemas import OrderInput, validate
from orders.services.ordering import cancel_order, create_order
from orders.services.productions import NEXT, ProductionsChanged, change_productions


@pytest.fixture
def chairs(mara: Member) -> Order:
    body = {"external_order_id": "C", "external_order_number": "C", "order_items": [{"quantity": 4}]}
    said = validate(OrderInput, body)
    return create_order(organization=mara.organization, actor=SYSTEM, order=said, source="console").order


def move(member: Member, order: Order, *numbers: int, **to: Any) -> ProductionsChanged:
    ids = None
    if numbers:
        ids = list(Production.objects.filter(number__in=numbers).values_list("pk", flat=True))
    who = {"organization": member.organization, "actor": Actor.of_user(member.user), "order_id": order.pk}
    return change_productions(**who, production_ids=ids, **to)


def stand(order: Order) -> tuple[list[tuple[str, int]], str, int]:
    order.refresh_from_db()
    productions = Production.objects.order_by("number").values_list("status", "progress")
    return list(productions), order.stage, order.progress


def test_from_start_to_done(mara: Member, chairs: Order) -> None:
    move(mara, chairs, 1, 2, status="In progress")
    move(mara, chairs, 1, progress=50)
    move(mara, chairs, 2, progress=100)
    move(mara, chairs, 3, status="From stock")
    productions = [("In progress", 50), ("Done", 100), ("From stock", 100), ("To do", 0)]
    assert stand(chairs) == (productions, "in_progress", 62)
    move(mara, chairs, 1, status="Stopped")
    assert stand(chairs) == ([("Stopped", 50), *productions[1:]], "stopped", 62)
    move(mara, chairs, 1, status="In progress")
    assert stand(chairs)[0][0] == ("In progress", 50)
    move(mara, chairs, 1, status="Done")
    move(mara, chairs, 4, status="Canceled")
    assert stand(chairs)[1:] == ("done", 100)
    assert chairs.quantity == 3


@pytest.mark.parametrize("status", Production.Status.values)
@pytest.mark.parametrize("before", Production.Status.values)
def test_only_what_the_table_allows(mara: Member, chairs: Order, before: str, status: str) -> None:
    Production.objects.update(status=before)
    if status == before:
        assert move(mara, chairs, status=status).changed == 0
    elif status in NEXT[before]:
        assert move(mara, chairs, status=status).changed == 4
    else:
        with pytest.raises(NotAllowed, match=f"NW-1-1-1 is {before} and can't become {status}"):
            move(mara, chairs, status=status)
        assert set(Production.objects.values_list("status", flat=True)) == {before}


def test_what_may_not_change_is_skipped_with_its_reason(mara: Member, chairs: Order) -> None:
    Production.objects.filter(number=2).update(status="Done", progress=100)
    result = move(mara, chairs, status="In progress")
    assert (result.changed, [one.key for one in result.skipped]) == (3, ["NW-1-1-2"])
    event = Event.objects.get(kind="production.changed")
    assert event.data == {"count": 3, "keys": ["NW-1-1-1", "NW-1-1-3", "NW-1-1-4"], "status": "In progress"}
    again = move(mara, chairs, 1, status="In progress")
    assert again.changed == 0
    assert Event.objects.filter(kind="production.changed").count() == 1


def test_progress_needs_a_start(mara: Member, chairs: Order) -> None:
    with pytest.raises(NotAllowed, match="NW-1-1-1 is To do: its progress can only be set while it is In progress"):
        move(mara, chairs, 1, progress=10)


@pytest.mark.parametrize("wish", [{}, {"status": "Melted"}, {"progress": 101}, {"progress": -1}])
def test_nonsense_is_named(mara: Member, chairs: Order, wish: dict[str, Any]) -> None:
    with pytest.raises(OrderError):
        move(mara, chairs, **wish)


def test_strangers_and_unknown_productions_are_missing(mara: Member, vera: Member, chairs: Order) -> None:
    with pytest.raises(Missing):
        move(vera, chairs, status="In progress")
    who = {"organization": mara.organization, "actor": SYSTEM, "order_id": chairs.pk}
    with pytest.raises(Missing, match="no such production"):
        change_productions(**who, production_ids=[uuid4()], status="In progress")


def test_a_cancelled_order_stays_as_it_is(mara: Member, chairs: Order) -> None:
    cancel_order(organization=mara.organization, actor=SYSTEM, order_id=chairs.pk)
    with pytest.raises(NotAllowed, match="Order C is cancelled"):
        move(mara, chairs, status="In progress")


def test_a_connected_upstream_decides_alone(mara: Member, chairs: Order) -> None:
    budget = Budget.objects.create(system="hesh", host="hesh.example", key_fingerprint="k", windows=[])
    Connection.objects.create(
        organization=mara.organization, budget=budget, system="hesh", label="Hesh", sealed_secret=b""
    )
    with pytest.raises(NotAllowed, match="mirror the connected upstream"):
        move(mara, chairs, status="In progress")
