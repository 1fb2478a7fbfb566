"""Mara writes on an order and gives it to somebody."""

from __future__ import annotations

import pytest

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.events.recording import SYSTEM, Actor
from orders.errors import Missing, OrderError
from orders.models import Order, OrderNote
from orders.schemas import OrderInput, validate
from orders.services.notes import assign_order, note_order
from orders.services.ordering import create_order


@pytest.fixture
def order(mara: Member) -> Order:
    body = {"external_order_id": "C", "external_order_number": "C", "order_items": [{"quantity": 1}]}
    said = validate(OrderInput, body)
    return create_order(organization=mara.organization, actor=SYSTEM, order=said, source="console").order


def test_a_note_is_an_event_whose_text_can_be_erased(mara: Member, order: Order) -> None:
    actor = Actor.of_user(mara.user)
    who = {"organization": mara.organization, "actor": actor, "order_id": order.pk, "author": mara.user}
    note = note_order(**who, text=" Customer called\x00 ")
    assert (note.text, note.author) == ("Customer called", mara.user)
    event = Event.objects.select_related("body").get(kind="order.noted")
    assert event.data == {"note": note.pk}
    assert event.body.text == '{"text":"Customer called"}'
    for text in ("", "  ", "x" * 2_001):
        with pytest.raises(OrderError, match="text must have 1 to 2,000 characters"):
            note_order(**who, text=text)
    assert OrderNote.objects.count() == 1


def test_an_order_is_given_to_members_only_and_once(mara: Member, otto: Member, vera: Member, order: Order) -> None:
    who = {"organization": mara.organization, "actor": Actor.of_user(mara.user), "order_id": order.pk}
    for _ in range(2):
        assert assign_order(**who, assignee_id=otto.user.pk).assignee_id == otto.user.pk
    with pytest.raises(Missing, match="no such member"):
        assign_order(**who, assignee_id=vera.user.pk)
    assign_order(**who, assignee_id=None)
    kinds = Event.objects.filter(subject=f"order:{order.pk}").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["order.created", "order.assigned", "order.unassigned"]


def test_a_strangers_order_is_missing(vera: Member, order: Order) -> None:
    who = {"organization": vera.organization, "actor": SYSTEM, "order_id": order.pk}
    with pytest.raises(Missing):
        note_order(**who, author=vera.user, text="hello")
    with pytest.raises(Missing):
        assign_order(**who, assignee_id=None)
