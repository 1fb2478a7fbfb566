"""Every filter means what a plain reading of its words means, alone and together with any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.upstream.models import Delivery
from orders.models import LineItem, Order
from orders.order_filter import OrderFilter, read_filter
from orders.queries import matching
from orders.search import refresh_search
from tests.orders.lists.conftest import MakeDelivery, MakeOrder

Naive = Callable[[Order], bool]


def wanted(member: Member, query: str) -> OrderFilter:
    return read_filter(QueryDict(query), viewer=member.user.pk)


def found(member: Member, query: str) -> set[str]:
    return {order.external_order_id for order in matching(member.organization, wanted(member, query))}


@pytest.fixture
def shelf(mara: Member, vera: Member, make_order: MakeOrder, make_delivery: MakeDelivery) -> list[Order]:
    """A dozen orders that differ in everything, and one of another organization that must never appear."""
    stages = list(Order.Stage.values)
    made = []
    for at in range(12):
        order = make_order(
            mara.organization,
            f"AB-10{at:02}",
            external_number=f"N{at}",
            client=["Münchner Tische", "Paul Henriot"][at % 2],
            sku=f"SKU-{at % 3}",
            product=["Queso Cabrales", "Tofu"][at % 2],
            comment=["fragile, l'Abbaye", "urgent"][at // 6],
            priority=["High", "Low", "Medium"][at % 3],
            stage=stages[at % 5],
            source=["api", "console", "import"][at % 3],
            deadline_at=None if at % 4 == 0 else datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=at),
            assignee_id=mara.user.pk if at % 3 == 0 else None,
            is_deleted=stages[at % 5] == "cancelled",
        )
        if at % 2:
            make_delivery(order, ["refused", "waiting", "delivered", "unknown", "given_up", "withdrawn"][at // 2])
        else:
            Delivery.objects.filter(lane=order.pk).delete()  # as if it were older than the connection
        if at == 5:
            LineItem.objects.filter(order=order).update(tags=["Rush order"])
            refresh_search([order.pk])
        made.append(order)
    make_order(vera.organization, "AB-1000", client="Paul Henriot", sku="SKU-1", product="Tofu", comment="urgent")
    return list(Order.objects.filter(organization=mara.organization).select_related("client"))


def at_of(order: Order) -> int:
    return int(order.external_order_id[-2:])


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


FILTERS: dict[str, Naive] = {
    "": lambda order: True,
    "stage=done": lambda order: order.stage == "done",
    "stage=done&stage=stopped": lambda order: order.stage in {"done", "stopped"},
    "priority=High": lambda order: order.priority == "High",
    "source=import": lambda order: order.source == "import",
    "assignee=me": lambda order: order.assignee_id is not None,
    "assignee=none": lambda order: order.assignee_id is None,
    "deadline_from=2026-01-05": lambda order: bool(order.deadline_at and order.deadline_at >= day(5)),
    "deadline_to=2026-01-05": lambda order: bool(order.deadline_at and order.deadline_at < day(6)),
    "tag=Rush order": lambda order: at_of(order) == 5,
    "relay=refused": lambda order: at_of(order) == 1,
    "relay=delivered": lambda order: at_of(order) == 5,
    "relay=withdrawn": lambda order: at_of(order) == 11,
    "relay=none": lambda order: at_of(order) % 2 == 0,
    "relay=none&relay=unknown": lambda order: at_of(order) % 2 == 0 or at_of(order) == 7,
    "view=production": lambda order: order.stage == "in_progress",
    "view=done": lambda order: order.stage == "done",
    "view=cancelled": lambda order: order.stage == "cancelled",
    "view=waiting": lambda order: at_of(order) == 3,
    "view=overdue": lambda order: bool(
        order.deadline_at and order.deadline_at < timezone.now() and order.stage in {"to_do", "in_progress", "stopped"}
    ),
}
SEARCHES: dict[str, Naive] = {
    "": lambda order: True,
    "queso": lambda order: at_of(order) % 2 == 0,
    "ques cabr": lambda order: at_of(order) % 2 == 0,
    "queso urgent": lambda order: at_of(order) % 2 == 0 and at_of(order) >= 6,
    "munchner": lambda order: at_of(order) % 2 == 0,
    "l'abbaye": lambda order: at_of(order) < 6,
    '"queso: cabrales"': lambda order: at_of(order) % 2 == 0,
    "AB-1003": lambda order: at_of(order) == 3,
    "ab-100": lambda order: at_of(order) < 10,
    "AB-1003, AB-1004;AB-1005 AB-9": lambda order: at_of(order) in {3, 4, 5},
    "id:AB-101": lambda order: at_of(order) >= 10,
    "client:paul": lambda order: at_of(order) % 2 == 1,
    'client:"Paul Henriot"': lambda order: at_of(order) % 2 == 1,
    "sku:sku-1": lambda order: at_of(order) % 3 == 1,
    "sku:paul": lambda order: False,
    'tag:"rush order"': lambda order: at_of(order) == 5,
    "tag:rush": lambda order: at_of(order) == 5,
    "priority:low": lambda order: order.priority == "Low",
    'stage:"In progress"': lambda order: order.stage == "in_progress",
    "relay:given_up": lambda order: at_of(order) == 9,
    "source:API": lambda order: order.source == "api",
    "deadline:<2026-01-05": lambda order: bool(order.deadline_at and order.deadline_at < day(5)),
    "deadline:2026-01-03..2026-01-06": lambda order: bool(order.deadline_at and day(3) <= order.deadline_at < day(7)),
    "deadline:none": lambda order: order.deadline_at is None,
    "tofu priority:high": lambda order: at_of(order) % 2 == 1 and order.priority == "High",
}


# Values of one of these are alternatives, wherever they stand.
ALTERNATIVES = {"stage", "priority", "source", "relay", "tag"}


def test_values_of_one_field_are_alternatives_wherever_they_stand(mara: Member, shelf: list[Order]) -> None:
    assert found(mara, "stage=done&q=stage:stopped") == found(mara, "stage=done&stage=stopped")


def test_filters_and_searches_find_what_a_plain_reading_finds(mara: Member, shelf: list[Order]) -> None:
    for filter_text, by_filter in FILTERS.items():
        for search, by_search in SEARCHES.items():
            field = filter_text.partition("=")[0]
            if field in ALTERNATIVES and f"{field}:" in search:
                continue
            query = QueryDict(filter_text, mutable=True)
            query["q"] = search
            expected = {o.external_order_id for o in shelf if by_filter(o) and by_search(o)}
            assert found(mara, query.urlencode()) == expected, (filter_text, search)


def test_a_uuid_and_an_id_pasted_together_find_both(mara: Member, shelf: list[Order]) -> None:
    assert found(mara, f"q={shelf[0].pk} {shelf[1].external_order_id}") == names(shelf[:2])


def names(orders: Iterable[Order]) -> set[str]:
    return {order.external_order_id for order in orders}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=colour:red", '"colour:" is not a field. Use id:, client:, sku:'),
        ("q=stage:flying", '"flying" is not a stage. Use one of: To do'),
        ("q=deadline:soon", '"soon" is not a deadline.'),
        ("q=deadline:<2026-02-30", '"2026-02-30" is not a date.'),
        ("q=...", '"..." has nothing to search for.'),
        ("q=a1" + " b2" * 1000, "1,001 ids are too many"),
        ("deadline_from=yesterday", '"yesterday" is not a date.'),
        ("client=paul", '"paul" is not a client of this list.'),
        ("view=sideways", 'There is no view "sideways".'),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_finds_nothing(
    mara: Member, shelf: list[Order], query: str, sentence: str
) -> None:
    assert sentence in wanted(mara, query).problem
    assert found(mara, query) == set()


def test_text_that_looks_like_sql_or_a_tsquery_is_only_text(mara: Member, shelf: list[Order]) -> None:
    for nasty in ("'", "a'b", "\\", "queso & | !", "x:*", "💥", "\0queso", "%", "a" * 3000):
        query = QueryDict(mutable=True)
        query["q"] = nasty
        found(mara, query.urlencode())


def test_every_chip_leads_to_the_filter_without_it(mara: Member) -> None:
    chips = wanted(mara, "view=done&stage=done&stage=stopped&q=x").chips()
    assert chips == [
        ("q", "x", "view=done&stage=done&stage=stopped"),
        ("stage", "done", "view=done&q=x&stage=stopped"),
        ("stage", "stopped", "view=done&q=x&stage=done"),
    ]
