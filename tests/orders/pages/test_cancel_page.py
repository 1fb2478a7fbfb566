from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.upstream.models import Delivery
from orders.models import Order, Production
from orders.services.standing import refresh_standing

ClientOf = Callable[[Member], Client]


def url(order: Order) -> str:
    return reverse("order-cancel", args=[order.pk])


def test_the_page_says_what_will_happen(browser: Client, order: Order) -> None:
    Production.objects.filter(number=1).update(status=Production.Status.DONE)
    shown = browser.get(url(order)).content.decode()
    assert '<span class="num">2</span> productions of order' in shown
    assert "data-dialog-content" in shown
    assert not Order.objects.get().is_deleted


def test_mara_cancels_an_order_once(browser: Client, order: Order) -> None:
    for _ in range(2):
        assert browser.post(url(order))["Location"] == reverse("order", args=[order.pk])
    order.refresh_from_db()
    assert (order.is_deleted, order.stage) == (True, Order.Stage.CANCELLED)
    assert Event.objects.filter(kind="order.cancelled").count() == 1
    assert "is cancelled already" in browser.get(url(order)).content.decode()


def test_what_never_left_is_said_to_need_no_call(browser: Client, owed_order: Order) -> None:
    assert "It has not left for the upstream yet" in browser.get(url(owed_order)).content.decode()
    Delivery.objects.update(acknowledged={"revision": 1}, state=Delivery.State.DELIVERED)
    assert "one urgent call" in browser.get(url(owed_order)).content.decode()
    browser.post(url(owed_order))
    assert Delivery.objects.get().urgent


def test_an_order_that_is_done_can_not_be_cancelled(browser: Client, order: Order) -> None:
    Production.objects.update(status=Production.Status.DONE, progress=100)
    refresh_standing([order])
    shown = browser.get(url(order)).content.decode()
    assert "It can't be cancelled any more" in shown.replace("&#x27;", "'")
    browser.post(url(order))
    assert not Order.objects.get().is_deleted


def test_a_stranger_a_reader_and_the_anonymous_cancel_nothing(
    order: Order, vera: Member, sam: Member, client_of: ClientOf
) -> None:
    assert client_of(vera).post(url(order)).status_code == 404
    assert client_of(sam).post(url(order)).status_code == 403
    assert Client().post(url(order))["Location"].startswith("/sign-in")
    assert not Order.objects.get().is_deleted


def test_no_other_method_is_understood(browser: Client, order: Order) -> None:
    assert browser.delete(url(order)).status_code == 405
