"""Mara's orders reach Hesh: as few calls as possible, each with what the upstream does not hold yet."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from dashboard.upstream.models import Attempt, Delivery
from orders.models import Client, LineItem, Order, Production
from orders.schemas import AttachmentInput, ClientBatch, TagsInput, TagsReplacement, validate
from orders.services.attachments import add_attachment
from orders.services.clients import upsert_clients
from orders.services.ordering import cancel_order
from orders.services.tags import add_tags, replace_tags
from tests.orders.hesh.conftest import Relay, changes, delivery, orders

pytestmark = pytest.mark.django_db(transaction=True)


def said() -> list[tuple[str, str, Any]]:
    """(method, path, body) of every request, oldest first."""
    attempts = Attempt.objects.exclude(outcome="not_sent").select_related("exchange").order_by("pk")
    return [
        (
            one.exchange.method,
            one.exchange.url.split("/api/v1/public")[1],
            orjson.loads(one.exchange.request_body) if one.exchange.request_body else None,
        )
        for one in attempts
    ]


def tags(mara: Member, order: Order, *names: str) -> None:
    who = {"organization": mara.organization, "actor": SYSTEM, "order_id": order.pk}
    add_tags(**who, line_item_id="a", tags=TagsInput(tags=list(names)))


def cancel(mara: Member, order: Order) -> None:
    cancel_order(organization=mara.organization, actor=SYSTEM, order_id=order.pk)


def there(sandbox: Organization, external_order_id: str = "WEB-1") -> Order:
    return Order.objects.get(organization=sandbox, external_order_id=external_order_id)


def test_an_order_arrives_with_everything(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara, comment="fragile", priority="High", deadline_at="2030-01-01T00:00:00Z")
    assert relay() == 1
    arrived = there(sandbox)
    assert (arrived.comment, arrived.priority, arrived.deadline_at) == ("fragile", "High", order.deadline_at)
    assert (arrived.client.name, arrived.client.external_client_id) == ("Paul Henriot", "VINET")
    assert list(LineItem.objects.filter(order=arrived).values_list("line_item_id", "quantity")) == [("a", 2), ("b", 1)]
    settled = delivery("order")
    assert (settled.state, settled.remote_id) == (Delivery.State.DELIVERED, str(arrived.pk))
    assert (settled.acknowledged_revision, settled.acknowledged["items"]["a"]["sku"]) == (1, "S")


def test_productions_mirror_what_the_upstream_answers(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara)
    relay()
    ours = Production.objects.filter(line_item__order=order).order_by("key")
    theirs = Production.objects.filter(line_item__order__organization=sandbox).order_by("key")
    assert [p.key for p in ours] == [p.key for p in theirs] == ["SB-1-1-1", "SB-1-1-2", "SB-1-2-1"]
    assert [p.remote_id for p in ours] == [str(p.pk) for p in theirs]
    theirs.filter(key="SB-1-1-1").update(status="In progress", progress=60)
    changes(mara, order, comment="news?")
    relay()
    order.refresh_from_db()
    assert ours.get(key="SB-1-1-1").status == "In progress"
    assert (order.stage, order.progress) == ("in_progress", 20)
    assert order.productions_reported_at is not None


def test_edits_made_while_it_waits_are_one_call(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara)
    for number in range(5):
        changes(mara, order, comment=f"version {number}")
    assert relay() == 1
    assert there(sandbox).comment == "version 4"


def test_a_change_says_only_what_differs(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara, comment="fragile")
    relay()
    items = [{"line_item_id": "a", "quantity": 1}, {"line_item_id": "c", "quantity": 4, "sku": "NEW"}]
    changes(mara, order, comment=None, order_items=items)
    assert relay() == 1
    body = {"comment": None, "order_items": [{"line_item_id": "a", "quantity": 1}, items[1]]}
    assert said()[-1] == ("PATCH", "/orders/WEB-1", body)
    assert there(sandbox).quantity == 6


def test_a_change_and_its_undoing_are_no_call(mara: Member, relay: Relay) -> None:
    order = orders(mara, comment="fragile")
    relay()
    changes(mara, order, comment="solid")
    changes(mara, order, comment="fragile")
    assert relay() == 0
    assert delivery("order").state == Delivery.State.DELIVERED


def test_undoing_a_change_of_unknown_outcome_is_said_all_the_same(mara: Member, relay: Relay) -> None:
    order = orders(mara, comment="fragile")
    relay()
    known = delivery("order")
    changes(mara, order, comment="solid")
    lost = {**known.acknowledged, "fields": {**known.acknowledged["fields"], "comment": "solid"}}
    first = Attempt.objects.get()
    Attempt.objects.create(
        organization=first.organization,
        connection=first.connection,
        budget=first.budget,
        delivery=known,
        operation="update",
        revision=2,
        claims=lost,
        claimed_at=first.claimed_at,
        deadline_at=first.deadline_at,
        outcome=Attempt.Outcome.UNKNOWN,
        on_unknown="resend",
    )
    changes(mara, order, comment="fragile")
    assert relay() == 1
    last = Attempt.objects.select_related("exchange").latest("pk")
    assert orjson.loads(last.exchange.request_body) == {"comment": "fragile"}


def test_what_was_cancelled_before_it_left_is_never_sent(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara)
    tags(mara, order, "Rush")
    cancel(mara, order)
    assert relay() == 0
    assert {one.state for one in Delivery.objects.all()} == {Delivery.State.WITHDRAWN}
    assert not Order.objects.filter(organization=sandbox).exists()


def test_a_cancel_reaches_the_upstream(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara)
    relay()
    cancel(mara, order)
    assert delivery("order").urgent
    assert relay() == 1
    assert there(sandbox).is_deleted
    assert said()[-1] == ("DELETE", "/orders/WEB-1", None)


def test_additions_are_added_and_all_else_is_replaced(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara)
    tags(mara, order, "Rush", "Gift")
    assert relay() == 2
    tags(mara, order, "Blue")
    who = {"organization": mara.organization, "actor": SYSTEM, "order_id": order.pk}
    relay()
    replace_tags(**who, line_item_id="a", tags=TagsReplacement(tags=["Blue"]))
    relay()
    path = "/orders/WEB-1/line-items/a/tags"
    assert said()[1:] == [
        ("POST", path, {"tags": ["Rush", "Gift"], "apply_to_nested_productions": False}),
        ("POST", path, {"tags": ["Blue"], "apply_to_nested_productions": False}),
        ("PUT", path, {"tags": ["Blue"], "apply_to_nested_productions": False}),
    ]
    assert LineItem.objects.get(order__organization=sandbox, line_item_id="a").tags == ["Blue"]


def test_tags_that_are_there_already_are_no_failure(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara)
    relay()
    LineItem.objects.filter(order__organization=sandbox, line_item_id="a").update(tags=["Rush"])
    tags(mara, order, "Rush")
    relay()
    assert delivery("tags").state == Delivery.State.DELIVERED


def test_a_conflict_that_may_hide_a_missing_tag_is_refused_and_then_replaced(
    mara: Member, sandbox: Organization, relay: Relay
) -> None:
    order = orders(mara)
    relay()
    LineItem.objects.filter(order__organization=sandbox, line_item_id="a").update(tags=["Rush"])
    tags(mara, order, "Rush", "Gift")
    relay()
    refused = delivery("tags")
    assert (refused.state, refused.reason_field) == (Delivery.State.REFUSED, "")
    assert "already has the tag Rush" in refused.reason
    tags(mara, order, "Blue")
    relay()
    assert LineItem.objects.get(order__organization=sandbox, line_item_id="a").tags == ["Rush", "Gift", "Blue"]


def test_what_hangs_on_an_order_follows_it(mara: Member, sandbox: Organization, relay: Relay) -> None:
    """Somebody uses the id at the upstream already; once that is settled, tags and attachments go by themselves."""
    in_the_way = orders(mara.__class__(mara.user, sandbox, mara.roles), comment="another")
    order = orders(mara)
    tags(mara, order, "Rush")
    picture = AttachmentInput(url="https://cdn.example.com/a.png", is_primary=True)
    who = {"organization": mara.organization, "actor": SYSTEM, "order_id": order.pk}
    add_attachment(**who, line_item_id="b", attachment=picture)
    assert relay() == 1
    refused = delivery("order")
    assert (refused.state, refused.reason_field) == (Delivery.State.REFUSED, "external_order_id")
    assert refused.reason == "Another order has the external_order_id WEB-1 already: SB-1. (HTTP 409)"
    assert "Send the order first" in delivery("tags").reason
    Order.objects.filter(pk=in_the_way.pk).update(external_order_id="MOVED")
    changes(mara, order, comment="once more")
    assert relay() == 3
    assert {one.state for one in Delivery.objects.all()} == {Delivery.State.DELIVERED}
    item = LineItem.objects.get(order=there(sandbox), line_item_id="b")
    assert list(item.attachments.values_list("url", "is_primary")) == [("https://cdn.example.com/a.png", True)]


def test_clients_leave_in_batches_of_five_hundred(mara: Member, sandbox: Organization, relay: Relay) -> None:
    for start in (0, 500):
        some = [{"name": f"N{n}", "external_client_id": f"C{n}"} for n in range(start, start + 350)]
        batch = validate(ClientBatch, {"clients": some})
        upsert_clients(organization=mara.organization, actor=SYSTEM, batch=batch)
    assert relay() == 2
    assert [len(body["clients"]) for _, _, body in said()] == [500, 200]
    assert Client.objects.filter(organization=sandbox).count() == 700
    assert delivery("clients").state == Delivery.State.DELIVERED
    upsert_clients(organization=mara.organization, actor=SYSTEM, batch=batch)
    assert relay() == 0
    renamed = validate(ClientBatch, {"clients": [{"name": "Renamed", "external_client_id": "C1"}]})
    upsert_clients(organization=mara.organization, actor=SYSTEM, batch=renamed)
    assert relay() == 1
    assert Client.objects.get(organization=sandbox, external_client_id="C1").name == "Renamed"


def test_an_order_from_before_the_connection_is_sent_before_its_tags(
    mara: Member, sandbox: Organization, relay: Relay
) -> None:
    order = orders(mara)
    Delivery.objects.all().delete()
    tags(mara, order, "Rush")
    assert relay() == 2
    assert [method for method, _, _ in said()] == ["POST", "POST"]
    assert LineItem.objects.get(order=there(sandbox), line_item_id="a").tags == ["Rush"]


def test_ids_are_quoted_in_addresses(mara: Member, sandbox: Organization, relay: Relay) -> None:
    order = orders(mara, "2030/1 ?#%")
    relay()
    cancel(mara, order)
    relay()
    assert said()[-1][1] == "/orders/2030%2F1%20%3F%23%25"
    assert there(sandbox, "2030/1 ?#%").is_deleted
