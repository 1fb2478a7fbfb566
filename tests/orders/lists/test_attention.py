"""The default view of `/orders`: what waits for a person, by what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.test import Client as Browser
from django.utils import timezone

from dashboard.accounts.access import Member
from orders.live import render_attention_rows, render_count, render_order_rows
from orders.models import Order
from tests.cast import ClientOf
from tests.orders.lists.conftest import MakeDelivery, MakeOrder

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def groups(browser: Browser) -> dict[str, list[str]]:
    found = browser.get("/orders").context["groups"]
    return {part["group"].kind.name: [case.row.external_order_id for case in part["group"].cases] for part in found}


def test_every_order_stands_once_under_the_worst_that_is_wrong_with_it(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    for name, state in (("R", "refused"), ("U", "unknown"), ("G", "given_up"), ("W", "waiting"), ("D", "delivered")):
        make_delivery(make_order(mara.organization, name), state)
    make_delivery(make_order(mara.organization, "late", deadline_at=LONG_AGO), "delivered")
    both = make_order(mara.organization, "late-and-refused", deadline_at=LONG_AGO)
    make_delivery(both, "refused")
    make_delivery(both, "unknown", subject_type="tags", subject_id=both.line_items.get().pk)
    make_order(mara.organization, "done", stage="done", deadline_at=LONG_AGO)
    browser = client_of(mara)
    assert groups(browser) == {
        "refused": ["late-and-refused", "R"],
        "unknown": ["U"],
        "given_up": ["G"],
        "overdue": ["late"],
    }
    assert browser.get("/orders").content.decode().count(f'id="attention-row-{both.pk}"') == 1


def test_a_refusal_names_reason_field_age_and_what_can_be_done(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    order = make_order(mara.organization, "R")
    hour_ago = timezone.now() - timedelta(hours=1, minutes=1)
    make_delivery(order, "refused", reason="too <many>", reason_field="order_items.0.quantity", settled_at=hour_ago)
    html = client_of(mara).get("/orders").content.decode()
    row = html.split(f'id="attention-row-{order.pk}"')[1].split("</tr>")[0]
    for shown in (
        "too &lt;many&gt;",
        "order_items.0.quantity",
        "1 h ago",
        "Edit and send again",
        f'href="/orders/{order.pk}/edit?field=order_items.0.quantity#field-order_items.0.quantity"',
        f'value="send_again:{order.pk}"',
        f'value="give_up:{order.pk}"',
    ):
        assert shown in row


def test_support_acts_on_deliveries_and_edits_nothing_and_a_team_lead_only_reads(
    sam: Member, lena: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    order = make_order(sam.organization, "R")
    make_delivery(order, "refused")
    support, lead = (client_of(member).get("/orders").content.decode() for member in (sam, lena))
    assert f"send_again:{order.pk}" in support
    assert "Edit and send again" not in support
    assert f"send_again:{order.pk}" not in lead
    assert f"attention-row-{order.pk}" in lead


def test_an_empty_page_says_that_all_is_well_and_what_waits(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    browser = client_of(mara)
    mara.organization.refresh_from_db()
    assert "No orders yet" in browser.get("/orders").content.decode()
    make_delivery(make_order(mara.organization, "W"), "waiting")
    html = browser.get("/orders").content.decode()
    assert "All is well" in html
    assert "1 waiting to be sent, 0 in production" in html


def test_a_group_of_many_shows_fifty_and_leads_to_the_rest(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    for at in range(52):
        make_delivery(make_order(mara.organization, f"R-{at}"), "refused")
    html = client_of(mara).get("/orders").content.decode()
    assert html.count('id="attention-row-') == 50
    assert 'href="?view=all&amp;relay=refused">Show all 52</a>' in html


def test_another_organizations_trouble_is_not_ours(
    vera: Member, mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    order = make_order(mara.organization, "R")
    make_delivery(order, "refused")
    assert groups(client_of(vera)) == {}
    assert render_attention_rows(vera.organization, [str(order.pk)], vera.roles) == {}
    assert render_order_rows(vera.organization, [str(order.pk), "nonsense"], vera.roles) == {}


def test_what_is_pushed_equals_a_fresh_page(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    order = make_order(mara.organization, "R", client="Paul", deadline_at=LONG_AGO)
    make_delivery(order, "refused", reason="no", settled_at=LONG_AGO)
    Order.objects.update(updated_at=LONG_AGO)
    browser = client_of(mara)
    pushed = render_attention_rows(mara.organization, [str(order.pk)], mara.roles)[str(order.pk)]
    assert pushed in browser.get("/orders").content.decode()
    pushed = render_order_rows(mara.organization, [str(order.pk)], mara.roles)[str(order.pk)]
    assert pushed in browser.get("/orders?view=all").content.decode()
    assert render_count(mara.organization, "attention", mara.roles) in browser.get("/orders").content.decode()


def test_a_case_that_is_settled_says_so_where_it_stood(
    mara: Member, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    order = make_order(mara.organization, "R")
    make_delivery(order, "delivered")
    html = render_attention_rows(mara.organization, [str(order.pk)], mara.roles)[str(order.pk)]
    assert f'<tr id="attention-row-{order.pk}"' in html
    assert "Settled" in html
