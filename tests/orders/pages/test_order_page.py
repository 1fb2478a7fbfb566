import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.models import Event
from dashboard.registry import registry
from dashboard.upstream.models import Attempt, Connection, Delivery, Exchange
from orders.models import Order, OrderNote
from tests.orders.pages.conftest import new_order, refuse

ClientOf = Callable[[Member], Client]
POSTS = ("order-note", "order-assign", "order-delivery")


def page(order: Order, name: str = "order") -> str:
    return reverse(name, args=[order.pk])


def text(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def attempted(delivery: Delivery, **facts: object) -> Attempt:
    now = timezone.now()
    attempt = Attempt.objects.create(
        organization=delivery.organization,
        connection=delivery.connection,
        budget=delivery.connection.budget,
        delivery=delivery,
        operation="create",
        revision=1,
        on_unknown="ask",
        claimed_at=now,
        deadline_at=now,
        answered_at=now,
        **{"status": 400, "outcome": Attempt.Outcome.REFUSED, "detail": "No.", **facts},
    )
    Exchange.objects.create(
        attempt=attempt,
        method="POST",
        url="http://127.0.0.1:9/api/v1/public/orders",
        request_body='{"external_order_id": "A-1"}',
        response_headers={"x-ratelimit-limit": "15", "set-cookie": "session=secret"},
        response_body='{"message": "quantity is too large"}',
    )
    return attempt


def test_mara_sees_what_is_ordered_and_how_far_it_is(browser: Client, order: Order) -> None:
    shown = text(browser, page(order))
    for part in (order.order_key, "No. A-1", "Chair", "Ada", "To do", "Order created", "Nothing is relayed"):
        assert part in shown


def test_productions_read_as_not_reported_until_the_upstream_reports_them(browser: Client, owed_order: Order) -> None:
    assert "not reported by upstream" in text(browser, page(owed_order))
    Order.objects.update(productions_reported_at=timezone.now())
    shown = text(browser, page(owed_order))
    assert "not reported by upstream" not in shown
    assert "To do" in shown


def test_the_time_of_departure_is_shown_before_anything_left(browser: Client, owed_order: Order) -> None:
    assert re.search(r"leaves at <time [^>]*>\d\d:\d\d:\d\d</time>", text(browser, page(owed_order)))


def test_attempts_show_both_sides_and_no_secret(browser: Client, owed_order: Order, delivery: Delivery) -> None:
    attempted(delivery)
    refuse(delivery, "quantity is too large", "order_items[0].quantity")
    shown = text(browser, page(owed_order))
    for part in ("quantity is too large", "order_items[0].quantity", "x-ratelimit-limit", "external_order_id"):
        assert part in shown
    assert "session=secret" not in shown
    assert "key of Northwind" not in shown
    assert "Send again" in shown


def test_a_paused_connection_is_said_on_the_page(browser: Client, owed_order: Order) -> None:
    Connection.objects.update(state=Connection.State.PAUSED, paused_reason="The upstream refuses the key (401).")
    assert "The upstream refuses the key (401)." in text(browser, page(owed_order))


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("retry", Delivery.State.REFUSED, Delivery.State.WAITING),
        ("give-up", Delivery.State.WAITING, Delivery.State.GIVEN_UP),
        ("retry", Delivery.State.GIVEN_UP, Delivery.State.WAITING),
    ],
)
def test_a_delivery_is_acted_upon(  # noqa: PLR0917 - a story with its table
    browser: Client, owed_order: Order, delivery: Delivery, act: str, before: str, after: str
) -> None:
    Delivery.objects.update(state=before)
    for _ in range(2):
        answer = browser.post(page(owed_order, "order-delivery"), {"act": f"{act}:{delivery.pk}"})
        assert answer.status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == after


def test_what_the_buttons_never_say_is_refused(browser: Client, owed_order: Order, delivery: Delivery) -> None:
    for act in ("", "delete:1", "retry:x", "retry:", f"retry:{'9' * 30}"):
        assert browser.post(page(owed_order, "order-delivery"), {"act": act}).status_code == 400
    assert browser.post(page(owed_order, "order-delivery"), {"act": "retry:999999"}).status_code == 404
    assert Delivery.objects.get().state == Delivery.State.WAITING


def test_a_note_is_written_once_per_click_and_stands_in_the_timeline(browser: Client, order: Order) -> None:
    assert browser.post(page(order, "order-note"), {"text": "Call Ada first."}).status_code == 302
    assert OrderNote.objects.get().text == "Call Ada first."
    assert "Call Ada first." in text(browser, page(order))
    browser.post(page(order, "order-note"), {"text": "  "})
    assert OrderNote.objects.count() == 1


def test_an_order_gets_somebody_who_looks_after_it(browser: Client, order: Order, mara: Member, vera: Member) -> None:
    for assignee, expected in ((mara.user.pk, mara.user.pk), ("", None), (vera.user.pk, None)):
        assert browser.post(page(order, "order-assign"), {"assignee": str(assignee)}).status_code == 302
        order.refresh_from_db()
        assert order.assignee_id == expected
    assert browser.post(page(order, "order-assign"), {"assignee": "nobody"}).status_code == 400


def test_tags_and_files_are_added_to_a_line_item(browser: Client, order: Order) -> None:
    item = order.line_items.get()
    tags, files = (reverse(f"order-{name}", args=[order.pk, item.pk]) for name in ("tags", "attachments"))
    assert browser.post(tags, {"tags": "Rush order, Gift"}).status_code == 302
    item.refresh_from_db()
    assert item.tags == ["Rush order", "Gift"]
    browser.post(tags, {"tags": "Gift"})
    assert "already has the tag Gift" in text(browser, page(order))
    assert browser.post(files, {"url": "https://x.example/a.pdf", "file_name": "a.pdf"}).status_code == 302
    assert item.attachments.get().file_name == "a.pdf"
    browser.post(files, {"url": "ftp://x.example"})
    assert "url must be an http or https address" in text(browser, page(order))
    missing = reverse("order-tags", args=[order.pk, uuid4()])
    browser.post(missing, {"tags": "x"})
    assert Event.objects.filter(kind="order.tags_added").count() == 1


def test_the_json_is_that_of_the_public_api(browser: Client, order: Order) -> None:
    shown = text(browser, page(order, "order-json"))
    assert "order_items" in shown
    assert order.line_items.get().line_item_id in shown


@pytest.mark.parametrize("name", ["order-state", "order-items", "order-relays", "order-timeline"])
def test_what_is_pushed_onto_an_old_page_is_what_a_fresh_page_shows(
    browser: Client, owed_order: Order, mara: Member, name: str
) -> None:
    region = registry.region(name)
    assert region
    old = region.render(mara.organization, [str(owed_order.pk)], mara.roles)[str(owed_order.pk)]
    Order.objects.update(stage=Order.Stage.DONE, productions_reported_at=timezone.now())
    Delivery.objects.update(state=Delivery.State.DELIVERED, settled_at=timezone.now())
    browser.post(page(owed_order, "order-note"), {"text": "Watched."})
    pushed = region.render(mara.organization, [str(owed_order.pk)], mara.roles)[str(owed_order.pk)]
    assert pushed != old
    assert pushed.strip() in text(browser, page(owed_order))
    assert region.render(mara.organization, [str(uuid4()), "nonsense"], mara.roles) == {}


def test_the_page_costs_the_same_however_much_there_is(
    browser: Client, owed_order: Order, northwind: Organization
) -> None:
    large = new_order(northwind, "B-1", order_items=[{"line_item_id": str(n), "quantity": 5} for n in range(40)])
    for delivery in Delivery.objects.all():
        for _ in range(6):
            attempted(delivery)
    text(browser, page(large))  # fills what is kept for a second
    counts = []
    for order in (owed_order, large):
        with CaptureQueriesContext(
            database,
        ) as queries:
            text(browser, page(order))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40


def test_a_stranger_finds_no_such_order(order: Order, vera: Member, client_of: ClientOf) -> None:
    stranger = client_of(vera)
    for name in ("order", "order-json"):
        assert stranger.get(page(order, name)).status_code == 404
    for name in ("order-note", "order-assign", "order-delivery"):
        assert stranger.post(page(order, name), {"text": "x", "act": "retry:1"}).status_code == 404
    item = order.line_items.get()
    for name in ("order-tags", "order-attachments"):
        assert stranger.post(reverse(name, args=[order.pk, item.pk]), {"tags": "x"}).status_code == 404
    for name in ("order-state", "order-items", "order-relays", "order-timeline"):
        region = registry.region(name)
        assert region
        assert region.render(vera.organization, [str(order.pk)], vera.roles) == {}


def test_who_only_reads_has_no_buttons(order: Order, lena: Member, sam: Member, client_of: ClientOf) -> None:
    for member in (lena, sam):
        reader = client_of(member)
        shown = text(reader, page(order))
        assert "Cancel order" not in shown
        assert "Add the note" not in shown
        assert reader.post(page(order, "order-note"), {"text": "x"}).status_code == 403
    assert client_of(lena).post(page(order, "order-delivery"), {"act": "retry:1"}).status_code == 403
    assert not OrderNote.objects.exists()


def test_the_anonymous_are_led_to_the_sign_in(order: Order) -> None:
    visitor = Client()
    assert visitor.get(page(order))["Location"].startswith("/sign-in")
    for name in POSTS:
        assert visitor.post(page(order, name))["Location"].startswith("/sign-in")


def test_changes_are_made_by_post_only(browser: Client, order: Order) -> None:
    assert {browser.get(page(order, name)).status_code for name in POSTS} == {405}
    assert browser.post(page(order)).status_code == 405
    assert browser.get(reverse("order", args=[uuid4()])).status_code == 404
