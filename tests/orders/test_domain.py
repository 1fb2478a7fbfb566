"""What orders contribute to every page: search, figures, and the demo's orders."""

from __future__ import annotations

import pytest
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from dashboard.registry import registry
from orders.domain import ORDERS
from orders.models import LineItem, Order


@pytest.fixture
def _demo(mara: Member) -> None:
    assert ORDERS.seed is not None
    for _ in range(2):
        ORDERS.seed(mara.organization, timezone.now())


@pytest.mark.usefixtures("_demo")
def test_the_demo_has_a_dozen_orders_once_and_none_of_northwinds_file(mara: Member) -> None:
    orders = Order.objects.filter(organization=mara.organization)
    assert orders.count() == 12
    assert not orders.filter(external_order_id__startswith="NW-").exists()
    assert set(orders.values_list("stage", flat=True)) == {"to_do", "in_progress", "stopped", "done", "cancelled"}
    assert LineItem.objects.filter(tags=["Rush order"]).count() == 1
    assert Event.objects.filter(organization=mara.organization, kind="order.created").count() == 12


@pytest.mark.usefixtures("_demo")
def test_figures_count_what_is_late(mara: Member, vera: Member) -> None:
    late = {figure.label: figure.count(mara.organization) for figure in ORDERS.portfolio}
    assert late == {"Backlog": 0, "Refused": 0, "Unknown": 0, "Overdue": 1}
    assert all(figure.count(vera.organization) == 0 for figure in ORDERS.portfolio)


@pytest.mark.usefixtures("_demo")
def test_orders_are_found_by_any_beginning_of_their_words(mara: Member, vera: Member) -> None:
    assert ORDERS.search is not None
    assert [found.title for found in ORDERS.search(mara.organization, "jn-2044")] == ["NW-4 · 2044"]
    assert {found.detail for found in ORDERS.search(mara.organization, "galer weiss lum")} == {"Jonas Weiß"}
    assert list(ORDERS.search(mara.organization, " - ")) == []
    assert list(ORDERS.search(vera.organization, "lumen")) == []


def test_every_permission_and_scope_is_registered() -> None:
    assert {"orders.view", "orders.change", "orders.import", "productions.change"} <= set(registry.permissions())
    assert {"orders:read", "orders:write"} <= set(registry.scopes())
    assert registry.adapter("hesh").windows == ((15, 1.0), (300, 60.0), (4_000, 3_600.0))
