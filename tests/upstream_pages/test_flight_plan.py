import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.upstream.flight import ends_with_more, render_flight
from dashboard.upstream.forecast import forecast, forget
from dashboard.upstream.models import Budget, Connection, Delivery
from orders.models import Order
from tests.upstream_pages.conftest import owed, text

ClientOf = Callable[[Member], Client]
URL = "/flight-plan"


def test_without_an_upstream_it_says_so(browser: Client, owner: Client) -> None:
    assert "No upstream is connected" in text(browser, URL)
    assert "Connect an upstream" not in text(browser, URL)
    assert "Connect an upstream" in text(owner, URL)


def test_every_waiting_order_has_the_time_at_which_it_leaves(
    browser: Client, hesh: Connection, northwind: Organization
) -> None:
    rows = owed(northwind, 20)
    shown = text(browser, URL)
    leaving = {delivery.pk: at for delivery, at in ((f.delivery, f.leaves_at) for f in flights(browser))}
    assert leaving == forecast(hesh).departures
    assert len(leaving) == 20
    for order in Order.objects.all():
        assert order.order_key in shown
    assert "Per second" in shown
    assert "Per hour" in shown
    assert leaving[rows[0].pk] < leaving[rows[-1].pk]


def flights(browser: Client) -> list:
    return browser.get(URL).context["flights"][0]["flights"]


def test_urgent_ones_come_first(browser: Client, hesh: Connection, northwind: Organization) -> None:
    owed(northwind, 3)
    owed(northwind, 1, source="console")
    assert flights(browser)[0].delivery.urgent
    assert "overtake the rest" in text(browser, URL)


def test_nothing_waiting_is_said(browser: Client, hesh: Connection) -> None:
    assert "Nothing waits to leave" in text(browser, URL)


def test_a_pause_says_why_and_what_to_do(browser: Client, deliveries: list[Delivery]) -> None:
    Connection.objects.update(state=Connection.State.PAUSED, paused_reason="The upstream refuses the key (401).")
    shown = text(browser, URL)
    assert "The upstream refuses the key (401)." in shown
    assert "Replace the key or resume it" in shown
    assert not flights(browser)


def test_a_block_says_until_when(browser: Client, deliveries: list[Delivery]) -> None:
    until = timezone.now() + timedelta(minutes=5)
    Budget.objects.update(blocked_until=until, block_streak=1, block_reason="429 Too many requests.")
    forget()
    shown = text(browser, URL)
    assert "429 Too many requests." in shown
    assert f"{until:%H:%M:%S}" in shown
    assert min(f.leaves_at for f in flights(browser)) >= until


def test_more_orders_end_later_and_nothing_is_written(
    browser: Client, hesh: Connection, northwind: Organization
) -> None:
    owed(northwind, 5)
    few, many = ends_with_more(hesh, 10), ends_with_more(hesh, 900)
    assert many - few > timedelta(minutes=2)
    assert many - timezone.now() < timedelta(minutes=4)
    assert "more orders now, the last would leave" in text(browser, f"{URL}?more=900")
    assert Delivery.objects.count() == 5


@pytest.mark.parametrize("more", ["0", "-1", "1e9", "10001", "many"])
def test_a_number_that_makes_no_sense_is_named(browser: Client, hesh: Connection, more: str) -> None:
    assert re.search(r'class="errors"', text(browser, f"{URL}?more={more}"))


def test_what_is_pushed_is_what_a_fresh_page_shows(browser: Client, deliveries: list[Delivery], mara: Member) -> None:
    connection = deliveries[0].connection
    pushed = render_flight(mara.organization, str(connection.pk), mara.roles)
    assert f'id="flight-{connection.pk}"' in pushed
    relative = re.compile(r"<time[^>]*data-relative>[^<]*</time>")
    assert relative.sub("", pushed).strip() in relative.sub("", text(browser, URL))


def test_a_stranger_gets_nothing_of_it(deliveries: list[Delivery], vera: Member, client_of: ClientOf) -> None:
    connection = deliveries[0].connection
    for key in (str(connection.pk), str(uuid4()), "nonsense"):
        assert render_flight(vera.organization, key, vera.roles) == ""
    assert "No upstream is connected" in text(client_of(vera), URL)


def test_a_team_lead_and_the_anonymous_are_turned_away(lena: Member, sam: Member, client_of: ClientOf) -> None:
    assert client_of(lena).get(URL).status_code == 403
    assert client_of(sam).get(URL).status_code == 200
    assert Client().get(URL)["Location"].startswith("/sign-in")
    assert client_of(sam).post(URL).status_code == 405
