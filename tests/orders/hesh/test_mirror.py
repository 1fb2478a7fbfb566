"""Productions follow the upstream while somebody looks, at most once a minute, where it can be asked at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.upstream.models import Attempt, Connection, Delivery
from orders.models import Order, Production
from orders.services.mirroring import ask_for_productions
from tests.orders.hesh.conftest import Relay, delivery, orders
from tests.orders.hesh.test_unknown import long_ago, says, send, shaky, upstream  # noqa: F401 - fixtures
from tests.upstream.fake import Upstream

pytestmark = pytest.mark.django_db(transaction=True)


def look(order: Order) -> None:
    ask_for_productions(order=Order.objects.select_related("organization").get(pk=order.pk))


def a_minute_later(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(productions_reported_at=timezone.now() - timedelta(minutes=2))
    Delivery.objects.filter(subject_type="mirror").update(acknowledged_revision=1)


def test_a_look_brings_news_at_most_once_a_minute(mara: Member, relay: Relay) -> None:
    order = orders(mara)
    relay()
    theirs = Production.objects.exclude(line_item__order=order)
    theirs.filter(number=1, line_item__line_item_id="a").update(status="In progress", progress=60)
    look(order)
    assert relay() == 0
    a_minute_later(order)
    for _ in range(3):
        look(order)
    assert relay() == 1
    order.refresh_from_db()
    assert (order.stage, order.progress) == ("in_progress", 20)
    kinds = list(Event.objects.filter(subject=f"order:{order.pk}").order_by("seq").values_list("kind", flat=True))
    assert kinds == ["order.created", "delivery.delivered", "production.reported"]
    a_minute_later(order)
    look(order)
    assert relay() == 1
    assert Event.objects.filter(kind="production.reported").count() == 1


def test_nobody_asks_about_what_is_over_or_was_never_sent(mara: Member, relay: Relay) -> None:
    order = orders(mara)
    look(order)
    assert not Delivery.objects.filter(subject_type="mirror").exists()
    relay()
    a_minute_later(order)
    Order.objects.filter(pk=order.pk).update(stage="done")
    look(order)
    assert relay() == 0


def test_an_upstream_without_that_read_is_asked_once(
    mara: Member,
    upstream: Upstream,  # noqa: F811 - a fixture
    shaky: Connection,  # noqa: F811 - a fixture
) -> None:
    first, second = orders(mara, "WEB-1"), orders(mara, "WEB-2")
    upstream.will_say(says(201, {"id": "1"}), says(201, {"id": "2"}), says(404, {"message": "Cannot GET"}))
    send(shaky)
    look(first)
    long_ago(shaky)
    send(shaky)
    assert delivery("mirror").acknowledged == {"exists": False}
    for order in (first, second):
        look(order)
    assert Delivery.objects.filter(subject_type="mirror").count() == 1
    assert Attempt.objects.filter(operation="read").count() == 1
