from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from orders.models import Order, Production
from tests.orders.pages.conftest import new_order

ClientOf = Callable[[Member], Client]
Status = Production.Status


def url(order: Order, name: str = "order-productions") -> str:
    return reverse(name, args=[order.pk])


def change(browser: Client, order: Order, **said: object) -> int:
    return browser.post(url(order, "order-productions-change"), said).status_code


def statuses() -> list[str]:
    return list(Production.objects.order_by("line_item__position", "number").values_list("status", flat=True))


def test_every_production_is_found_a_page_at_a_time(browser: Client, northwind: Organization) -> None:
    order = new_order(
        northwind, order_items=[{"line_item_id": "a", "quantity": 120}, {"line_item_id": "b", "quantity": 130}]
    )
    seen: list[str] = []
    address = url(order)
    while address:
        context = browser.get(address).context
        seen += [production.key for production, _ in context["rows"]]
        address = f"{url(order)}?after={context['next']}" if context["next"] else ""
    assert len(seen) == len(set(seen)) == 250
    item = order.line_items.get(line_item_id="b")
    assert len(browser.get(f"{url(order)}?item={item.pk}&status=To+do").context["rows"]) == 100
    assert not browser.get(f"{url(order)}?status=Done").context["rows"]
    assert browser.get(f"{url(order)}?after=nonsense&item=x&status=y").status_code == 200


def test_one_is_started_then_all(browser: Client, order: Order) -> None:
    one = Production.objects.get(number=2)
    assert change(browser, order, status="In progress", scope="selected", selected=str(one.pk)) == 302
    assert statuses() == [Status.TO_DO, Status.IN_PROGRESS, Status.TO_DO]
    for _ in range(2):
        assert change(browser, order, status="In progress", scope="all") == 302
    assert set(statuses()) == {Status.IN_PROGRESS}
    order.refresh_from_db()
    assert order.stage == Order.Stage.IN_PROGRESS


def test_what_may_not_is_said_with_its_reason(browser: Client, order: Order) -> None:
    Production.objects.filter(number=1).update(status=Status.CANCELED)
    change(browser, order, status="In progress", scope="all")
    shown = browser.get(url(order)).content.decode()
    assert "2 productions were changed. 1 were left as they are" in shown
    assert statuses() == [Status.CANCELED, Status.IN_PROGRESS, Status.IN_PROGRESS]


def test_nothing_selected_changes_nothing(browser: Client, order: Order) -> None:
    assert change(browser, order, status="In progress", scope="selected") == 302
    assert change(browser, order, status="In progress", scope="selected", selected=str(uuid4())) == 302
    assert set(statuses()) == {Status.TO_DO}


@pytest.mark.parametrize("said", [{"status": "Later", "scope": "all"}, {"progress": "101", "scope": "all"}, {}])
def test_nonsense_is_refused(browser: Client, order: Order, said: dict[str, str]) -> None:
    assert change(browser, order, **said) == 400
    assert set(statuses()) == {Status.TO_DO}


def test_what_an_upstream_reports_is_not_changed_here(browser: Client, owed_order: Order) -> None:
    shown = browser.get(url(owed_order)).content.decode()
    assert "Productions mirror the upstream" in shown
    assert 'name="scope"' not in shown
    change(browser, owed_order, status="In progress", scope="all")
    assert set(statuses()) == {Status.TO_DO}
    assert "change them there" in browser.get(url(owed_order)).content.decode()


def test_a_stranger_a_reader_and_the_anonymous_change_nothing(
    order: Order, vera: Member, sam: Member, client_of: ClientOf
) -> None:
    said = {"status": "In progress", "scope": "all"}
    assert client_of(vera).get(url(order)).status_code == 404
    assert change(client_of(vera), order, **said) == 404
    assert client_of(sam).get(url(order)).status_code == 200
    assert change(client_of(sam), order, **said) == 403
    assert change(Client(), order, **said) == 302
    assert set(statuses()) == {Status.TO_DO}


def test_reading_and_changing_are_different_methods(browser: Client, order: Order) -> None:
    assert browser.post(url(order)).status_code == 405
    assert browser.get(url(order, "order-productions-change")).status_code == 405
