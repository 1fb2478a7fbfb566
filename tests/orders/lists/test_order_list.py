"""`/orders` as its readers see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.accounts.access import Member
from orders import counts, keyset
from orders.models import Client, Order
from tests.cast import ClientOf, JoinAs
from tests.orders.lists.conftest import MakeDelivery, MakeOrder


def text_of(html: str, order: Order) -> str:
    """The order's row."""
    start = html.index(f'<tr id="order-row-{order.pk}"')
    return html[start : html.index("</tr>", start)]


def test_a_success_manager_sees_the_newest_orders_first(
    mara: Member, client_of: ClientOf, make_order: MakeOrder
) -> None:
    for at in range(3):
        make_order(mara.organization, f"NW-90{at}", client="Paul Henriot")
    page = client_of(mara).get("/orders?view=all")
    assert page.status_code == 200
    html = page.content.decode()
    assert html.index(">NW-3</a>") < html.index(">NW-2</a>") < html.index(">NW-1</a>")
    assert "Paul Henriot" in html


def test_a_row_tells_everything_about_its_order(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    late = timezone.now() - timedelta(days=3)
    order = make_order(
        mara.organization,
        "E-1",
        external_number="17-B",
        client="<b>Paul</b>",
        stage="in_progress",
        progress=40,
        priority="Highest",
        deadline_at=late,
    )
    make_delivery(order, "refused", reason="quantity must be <= 10,000", reason_field="order_items.0.quantity")
    row = text_of(client_of(mara).get("/orders?view=all").content.decode(), order)
    for shown in (
        "17-B",
        "&lt;b&gt;Paul",
        "1 item",
        "In progress",
        "40 %",
        "Highest",
        "Overdue",
        "Refused",
        "must be &lt;= 10,000",
    ):
        assert shown in row


def test_a_waiting_order_says_when_it_leaves(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    order = make_order(mara.organization, "E-1")
    make_delivery(order, "waiting", queued_at=timezone.now(), due_at=timezone.now())
    assert "leaves <time" in text_of(client_of(mara).get("/orders?view=all").content.decode(), order)


def test_the_worst_of_what_hangs_on_an_order_is_its_badge(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    order = make_order(mara.organization, "E-1")
    make_delivery(order, "delivered")
    make_delivery(order, "unknown", subject_type="tags", subject_id=order.line_items.get().pk)
    assert "Unknown" in text_of(client_of(mara).get("/orders?view=all").content.decode(), order)


def test_pages_are_left_and_found_again(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset.Reader.page, "__defaults__", (2,))
    for at in range(5):
        make_order(mara.organization, f"E-{at}")
    browser = client_of(mara)
    first = browser.get("/orders?view=all&sort=-number")
    assert [row.number for row in first.context["rows"]] == [5, 4]
    second = browser.get(f"/orders?{first.context['found'].links['next']}")
    assert [row.number for row in second.context["rows"]] == [3, 2]
    back = browser.get(f"/orders?{second.context['found'].links['previous']}")
    assert [row.number for row in back.context["rows"]] == [5, 4]
    last = browser.get(f"/orders?{first.context['found'].links['last']}")
    assert [row.number for row in last.context["rows"]] == [2, 1]
    again = browser.get(f"/orders?{last.context['found'].links['first']}")
    assert [row.number for row in again.context["rows"]] == [5, 4]


def test_a_filter_that_cannot_be_read_says_so_and_shows_nothing(
    mara: Member, client_of: ClientOf, make_order: MakeOrder
) -> None:
    make_order(mara.organization, "E-1")
    html = client_of(mara).get("/orders?view=all&q=colour:red").content.decode()
    assert "&quot;colour:&quot; is not a field." in html
    assert "order-row-" not in html


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "before=9~x", "page=7", "sort=comment", "sort=deadline&after=3~none"]
)
def test_an_address_that_nobody_wrote_is_a_page_and_no_error(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, query: str
) -> None:
    make_order(mara.organization, "E-1")
    assert client_of(mara).get(f"/orders?view=all&{query}").status_code == 200


def test_a_client_chip_shows_its_name_and_a_strangers_client_stays_unknown(
    mara: Member, vera: Member, client_of: ClientOf, make_order: MakeOrder
) -> None:
    make_order(mara.organization, "E-1", client="Paul")
    make_order(vera.organization, "E-1", client="Secret Ltd")
    mine, theirs = Client.objects.get(name="Paul"), Client.objects.get(name="Secret Ltd")
    browser = client_of(mara)
    assert "Client: Paul" in browser.get(f"/orders?view=all&client={mine.pk}").content.decode()
    html = browser.get(f"/orders?view=all&client={theirs.pk}").content.decode()
    assert "Secret" not in html
    assert "No order matches" in html


def test_tabs_count_what_they_show(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, make_delivery: MakeDelivery
) -> None:
    make_delivery(make_order(mara.organization, "E-1", stage="done"), "delivered")
    make_delivery(make_order(mara.organization, "E-2", deadline_at=datetime(2020, 1, 1, tzinfo=UTC)), "refused")
    make_delivery(make_order(mara.organization, "E-3", stage="in_progress"), "waiting")
    html = client_of(mara).get("/orders?view=all").content.decode()
    shown = {
        view: html.split(f'id="order-count-{view}"')[1].split(">")[1].split("<")[0]
        for view in ("attention", "all", "waiting", "production", "overdue", "done", "cancelled")
    }
    assert shown == {
        "attention": "1",
        "all": "3",
        "waiting": "1",
        "production": "1",
        "overdue": "1",
        "done": "1",
        "cancelled": "0",
    }


@pytest.mark.parametrize("role", ["success_manager", "team_lead", "support"])
def test_everyone_of_the_organization_reads_and_only_some_select(
    mara: Member, joins: JoinAs, client_of: ClientOf, make_order: MakeOrder, role: str
) -> None:
    make_order(mara.organization, "E-1")
    reader = joins(mara.organization, "new@northwind.example", role)
    html = client_of(reader).get("/orders?view=all").content.decode()
    assert ">NW-1</a>" in html
    assert ("data-select>" in html) == (role != "team_lead")


def test_a_stranger_sees_nothing_of_it(vera: Member, mara: Member, client_of: ClientOf, make_order: MakeOrder) -> None:
    order = make_order(mara.organization, "E-1")
    html = client_of(vera).get(f"/orders?view=all&q={order.pk}, {order.external_order_id}").content.decode()
    assert str(order.pk) not in html.split("</form>")[-1]
    assert f"order-row-{order.pk}" not in html


def test_someone_signed_out_is_asked_to_sign_in(client: Browser) -> None:
    answer = client.get("/orders?view=all")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_the_list_is_only_read(mara: Member, client_of: ClientOf) -> None:
    assert client_of(mara).post("/orders").status_code == 405


@pytest.fixture
def fifty_five(mara: Member, make_order: MakeOrder, make_delivery: MakeDelivery) -> None:
    for at in range(55):
        order = make_order(mara.organization, f"E-{at}", client="Paul", deadline_at=datetime(2020, 1, 1, tzinfo=UTC))
        make_delivery(order, ["waiting", "refused", "delivered"][at % 3], queued_at=timezone.now())


@pytest.mark.parametrize("query", ["view=all", "view=all&q=chair", "view=overdue", "view=waiting", "view=attention"])
def test_a_page_of_fifty_takes_eight_queries_at_most(
    mara: Member, client_of: ClientOf, fifty_five: None, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    browser = client_of(mara)
    monkeypatch.setattr(counts, "FRESH_SECONDS", 1.0)
    # Forecasts are shared by all pages of a process for a second.
    browser.get("/orders?view=all")
    counts._counted.clear()
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(f"/orders?{query}").status_code == 200
    assert len(queries) <= 8, "\n".join(query["sql"][:300] for query in queries)
