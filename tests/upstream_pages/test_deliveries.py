from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.models import Event
from dashboard.upstream.delivery_page import render_delivery
from dashboard.upstream.models import Connection, Delivery, DeliveryNote
from orders.models import Order
from tests.upstream_pages.conftest import owed, text

ClientOf = Callable[[Member], Client]
State = Delivery.State
LIST = "/deliveries"


def url(delivery: Delivery, name: str = "delivery") -> str:
    return reverse(name, args=[delivery.pk])


def listed(browser: Client, query: str = "") -> list[int]:
    return [delivery.pk for delivery, _ in browser.get(f"{LIST}{query}").context["rows"]]


def test_everything_owed_is_listed_with_what_it_is_about(browser: Client, deliveries: list[Delivery]) -> None:
    assert listed(browser) == [delivery.pk for delivery in reversed(deliveries)]
    shown = text(browser, LIST)
    for order in Order.objects.all():
        assert order.order_key in shown
        assert reverse("order", args=[order.pk]) in shown


def test_the_list_is_narrowed_by_state_and_age(browser: Client, deliveries: list[Delivery]) -> None:
    first, second, _ = deliveries
    Delivery.objects.filter(pk=first.pk).update(state=State.REFUSED)
    Delivery.objects.filter(pk=second.pk).update(queued_at=timezone.now() - timedelta(hours=2))
    assert listed(browser, "?state=refused") == [first.pk]
    assert listed(browser, "?age=3600") == [second.pk]
    assert listed(browser, "?state=unknown&age=60") == []
    assert "No delivery matches this filter" in text(browser, "/deliveries?state=unknown")
    assert len(listed(browser, "?state=nonsense&age=x&before=y")) == 3


def test_a_long_list_comes_in_pages(browser: Client, hesh: Connection, northwind: Organization) -> None:
    owed(northwind, 53)
    seen, query = [], ""
    while query is not None:
        answer = browser.get(f"{LIST}{query}")
        seen += [delivery.pk for delivery, _ in answer.context["rows"]]
        query = answer.context["next"]
    assert len(seen) == len(set(seen)) == 53


def test_one_delivery_says_when_it_leaves_and_what_happened(browser: Client, deliveries: list[Delivery]) -> None:
    shown = text(browser, url(deliveries[0]))
    assert "leaves at" in shown
    assert "Nothing has left yet" in shown
    Connection.objects.update(state=Connection.State.PAUSED, paused_reason="Holidays.")
    assert "The connection is paused." in text(browser, url(deliveries[0]))
    assert "Holidays." in text(browser, url(deliveries[0]))


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("retry", State.REFUSED, State.WAITING),
        ("give-up", State.UNKNOWN, State.GIVEN_UP),
        ("retry", State.DELIVERED, State.DELIVERED),
    ],
)
def test_acting_twice_does_it_once(  # noqa: PLR0917 - a story with its table
    browser: Client, deliveries: list[Delivery], mara: Member, act: str, before: str, after: str
) -> None:
    delivery = deliveries[0]
    Delivery.objects.update(state=before)
    for _ in range(2):
        assert browser.post(url(delivery, "delivery-act"), {"act": act}).status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == after
    kinds = ("delivery.retried", "delivery.given_up")
    assert Event.objects.filter(kind__in=kinds, actor=f"user:{mara.user.pk}").count() == (before != after)


def test_what_can_not_be_asked_is_said(browser: Client, deliveries: list[Delivery]) -> None:
    browser.post(url(deliveries[0], "delivery-act"), {"act": "ask"})
    assert "The outcome of delivery" in text(browser, url(deliveries[0]))
    assert browser.post(url(deliveries[0], "delivery-act"), {"act": "burn"}).status_code == 400


def test_a_note_is_kept(browser: Client, deliveries: list[Delivery]) -> None:
    assert browser.post(url(deliveries[0], "delivery-note"), {"text": "Called them."}).status_code == 302
    assert "Called them." in text(browser, url(deliveries[0]))
    browser.post(url(deliveries[0], "delivery-note"), {"text": ""})
    assert DeliveryNote.objects.get().text == "Called them."


def test_what_is_pushed_is_what_a_fresh_page_shows(
    browser: Client, deliveries: list[Delivery], mara: Member, vera: Member
) -> None:
    key = str(deliveries[0].pk)
    old = render_delivery(mara.organization, key, mara.roles)
    Delivery.objects.update(state=State.REFUSED, reason="No such product.", settled_at=timezone.now())
    pushed = render_delivery(mara.organization, key, mara.roles)
    assert pushed != old
    assert pushed.strip() in browser.get(url(deliveries[0])).content.decode()
    for foreign in (key, "0", "x", "9" * 40):
        assert render_delivery(vera.organization, foreign, vera.roles) == ""


def test_a_stranger_finds_none_of_it(deliveries: list[Delivery], vera: Member, client_of: ClientOf) -> None:
    stranger = client_of(vera)
    assert listed(stranger) == []
    assert stranger.get(url(deliveries[0])).status_code == 404
    assert stranger.post(url(deliveries[0], "delivery-act"), {"act": "give-up"}).status_code == 404
    assert stranger.post(url(deliveries[0], "delivery-note"), {"text": "x"}).status_code == 404
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.WAITING}


def test_support_acts_a_team_lead_and_the_anonymous_do_not(
    deliveries: list[Delivery], sam: Member, lena: Member, client_of: ClientOf
) -> None:
    act = url(deliveries[0], "delivery-act")
    assert client_of(lena).get(LIST).status_code == 403
    assert client_of(lena).post(act, {"act": "give-up"}).status_code == 403
    assert Client().get(LIST)["Location"].startswith("/sign-in")
    assert Client().post(act)["Location"].startswith("/sign-in")
    assert client_of(sam).post(act, {"act": "give-up"}).status_code == 302
    assert Delivery.objects.get(pk=deliveries[0].pk).state == State.GIVEN_UP


def test_reading_and_acting_are_different_methods(browser: Client, deliveries: list[Delivery]) -> None:
    assert browser.post(LIST).status_code == 405
    assert browser.post(url(deliveries[0])).status_code == 405
    assert browser.get(url(deliveries[0], "delivery-act")).status_code == 405
    assert browser.get(url(deliveries[0], "delivery-note")).status_code == 405
