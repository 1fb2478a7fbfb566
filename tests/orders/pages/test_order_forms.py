from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.upstream.models import Delivery
from orders.models import Order
from tests.orders.pages.conftest import new_order, refuse

ClientOf = Callable[[Member], Client]
NEW = "/orders/new"
TYPED = {
    "external_order_id": "N-1",
    "external_order_number": "77",
    "priority": "High",
    "deadline_at": "2027-03-01T12:00",
    "new_rows": "1",
    "client_name": "Ada",
    "item-0-quantity": "4",
    "item-0-sku": "S-4",
}


def edit_url(order: Order) -> str:
    return reverse("order-edit", args=[order.pk])


def as_typed(browser: Client, order: Order) -> dict[str, str]:
    """What the edit form sends back when nothing is touched."""
    forms = browser.get(edit_url(order)).context["forms"]
    values = {"new_rows": "0", "revision": str(order.revision)}
    for form in forms.parts:
        for name in form.fields:
            value = form[name].value()
            if value not in (None, "", False):
                values[form.add_prefix(name)] = "on" if value is True else str(value)
    return {**values, "revision": str(order.revision)}


def shown(answer: object) -> str:
    return answer.content.decode().replace("&#x27;", "'")


def test_mara_creates_an_order(browser: Client, mara: Member) -> None:
    answer = browser.post(NEW, TYPED)
    order = Order.objects.get()
    assert answer["Location"] == reverse("order", args=[order.pk])
    assert (order.external_order_number, order.priority, order.source) == ("77", "High", "console")
    assert order.deadline_at.isoformat() == "2027-03-01T12:00:00+00:00"
    assert (order.client.name, order.line_items.get().quantity, order.quantity) == ("Ada", 4, 4)
    assert Event.objects.get(kind="order.created").actor == f"user:{mara.user.pk}"


def test_created_twice_it_is_there_once_and_another_one_is_a_conflict(browser: Client) -> None:
    for _ in range(2):
        assert browser.post(NEW, TYPED).status_code == 302
    assert Order.objects.count() == 1
    answer = browser.post(NEW, {**TYPED, "item-0-quantity": "5"})
    assert answer.status_code == 400
    assert list(answer.context["head"].errors) == ["external_order_id"]
    assert Order.objects.get().quantity == 4


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"item-0-quantity": "0"}, "order_items[0].quantity must be at least 1."),
        ({"item-0-quantity": "1e9"}, "order_items[0].quantity must be a whole number"),
        ({"item-0-quantity": ""}, "This field is required."),
        ({"external_order_id": ""}, "This field is required."),
        ({"deadline_at": "2027-02-30T12:00"}, "deadline_at is not a date and time that exists"),
        ({"client_name": "", "client_phone": "1"}, "client.name"),
        ({"client_email": "nobody"}, "client.email must be an e-mail address"),
        ({"comment": "a\x07b"}, "comment must not hold a control character (U+0007)"),
        ({"priority": "Soon"}, "Soon is not one of the available choices."),
        ({"new_rows": "0"}, "order_items must hold at least 1 entry."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(browser: Client, changes: dict[str, str], sentence: str) -> None:
    answer = browser.post(NEW, {**TYPED, **changes})
    assert answer.status_code == 400
    assert sentence in shown(answer)
    assert not Order.objects.exists()


def test_a_row_is_added_without_losing_what_was_typed(browser: Client) -> None:
    answer = browser.post(NEW, {**TYPED, "item-0-quantity": "", "to_stock": "on", "add_item": "1"})
    assert answer.status_code == 200
    page = shown(answer)
    assert 'name="item-1-quantity"' in page
    assert 'value="S-4"' in page
    assert 'value="N-1"' in page
    assert "This field is required." not in page
    assert answer.context["head"]["to_stock"].value() is True
    assert not Order.objects.exists()


def test_saving_without_a_change_changes_nothing(browser: Client, order: Order) -> None:
    for _ in range(2):
        assert browser.post(edit_url(order), as_typed(browser, order)).status_code == 302
    order.refresh_from_db()
    assert order.revision == 1
    assert not Event.objects.filter(kind="order.updated").exists()


def test_an_edit_changes_what_was_typed_and_adds_a_line_item(browser: Client, order: Order) -> None:
    typed = as_typed(browser, order)
    typed |= {
        "comment": "Fragile",
        "item-0-quantity": "5",
        "new_rows": "1",
        "item-1-quantity": "2",
        "client_name": "Bo",
    }
    assert browser.post(edit_url(order), typed).status_code == 302
    order.refresh_from_db()
    assert (order.comment, order.quantity, order.revision, order.client.name) == ("Fragile", 7, 2, "Bo")
    assert list(order.line_items.order_by("position").values_list("quantity", flat=True)) == [5, 2]


def test_an_emptied_field_is_taken_away(browser: Client, order: Order) -> None:
    Order.objects.update(comment="Fragile")
    browser.post(edit_url(order), {**as_typed(browser, order), "comment": ""})
    order.refresh_from_db()
    assert order.comment == ""


def test_somebody_elses_change_is_not_overwritten_unseen(browser: Client, order: Order) -> None:
    typed = as_typed(browser, order)
    Order.objects.update(comment="From Otto", revision=2)
    answer = browser.post(edit_url(order), {**typed, "comment": "From Mara"})
    assert answer.status_code == 400
    assert "was changed by somebody else while this form was open" in shown(answer)
    order.refresh_from_db()
    assert order.comment == "From Otto"
    assert browser.post(edit_url(order), {**typed, "comment": "From Mara", "revision": "2"}).status_code == 302
    order.refresh_from_db()
    assert order.comment == "From Mara"


def test_a_refused_order_shows_the_reason_at_its_field_and_is_sent_again(
    browser: Client, owed_order: Order, delivery: Delivery
) -> None:
    refuse(delivery, "must be at most 10", "order_items[0].quantity")
    page = shown(browser.get(edit_url(owed_order)))
    assert "Save and send again" in page
    assert "Upstream: must be at most 10" in page
    assert 'id="field-item-0-quantity"' in page
    assert 'id="field-order_items[0].quantity"' in page, "where the list's link leads"
    assert browser.post(edit_url(owed_order), as_typed(browser, owed_order)).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.urgent) == (Delivery.State.WAITING, "", True)


def test_a_changed_order_is_owed_at_once(browser: Client, owed_order: Order, delivery: Delivery) -> None:
    Delivery.objects.update(state=Delivery.State.DELIVERED, acknowledged_revision=1, urgent=False)
    browser.post(edit_url(owed_order), {**as_typed(browser, owed_order), "comment": "Fragile"})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.revision, delivery.urgent) == (Delivery.State.WAITING, 2, True)


def test_a_stranger_a_reader_and_the_anonymous_get_nowhere(
    order: Order, vera: Member, sam: Member, client_of: ClientOf
) -> None:
    assert client_of(vera).get(edit_url(order)).status_code == 404
    assert client_of(vera).post(edit_url(order), TYPED).status_code == 404
    assert client_of(sam).get(edit_url(order)).status_code == 403
    assert client_of(sam).get(NEW).status_code == 403
    assert Client().get(NEW)["Location"].startswith("/sign-in")
    assert Client().post(edit_url(order), TYPED)["Location"].startswith("/sign-in")
    assert Order.objects.get().revision == 1


def test_only_reading_and_posting_is_understood(browser: Client, order: Order) -> None:
    assert browser.put(NEW).status_code == 405
    assert browser.delete(edit_url(order)).status_code == 405


def test_a_strangers_order_id_is_free_here(browser: Client, stranger_org: object) -> None:
    new_order(stranger_org, "N-1")
    assert browser.post(NEW, TYPED).status_code == 302
    assert Order.objects.filter(external_order_id="N-1").count() == 2
