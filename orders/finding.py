"""Orders for the search box of every page, and the figures of the portfolio home."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import QuerySet
from django.urls import reverse

from dashboard.accounts.models import Organization
from dashboard.registry import Found, PortfolioFigure
from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.counts import CAP, lanes
from orders.models import Order
from orders.queries import overdue
from orders.search import starts_with, tokens

SHOWN = 8


def search(organization: Organization, text: str) -> Sequence[Found]:
    """Newest first; every word must be there, whole or as a beginning."""
    words = tokens(text)[:12]
    if not words:
        return []
    matching = Order.objects.filter(organization=organization, search__holds=" & ".join(map(starts_with, words)))
    found = matching.select_related("client").defer("search").order_by("-number")[:SHOWN]
    return [
        Found(
            title=f"{order.order_key} · {order.external_order_number}",
            url=reverse("order", args=[order.pk]),
            detail=order.client.name if order.client else order.external_order_id,
            kind="Order",
        )
        for order in found
    ]


def _waiting(organization: Organization) -> QuerySet[Delivery]:
    return lanes(organization, relay_state.WAITING)


def _in_state(state: str) -> Callable[[Organization], int]:
    return lambda organization: _capped(lanes(organization, (state,)))


def _capped(rows: QuerySet[Order] | QuerySet[Delivery]) -> int:
    return rows.order_by()[:CAP].count()


def backlog_count(organization: Organization) -> int:
    return _capped(_waiting(organization))


def overdue_count(organization: Organization) -> int:
    return _capped(Order.objects.filter(overdue(), organization=organization))


PORTFOLIO = (
    PortfolioFigure("Backlog", "orders", "view=waiting", backlog_count),
    PortfolioFigure("Refused", "orders", "view=attention", _in_state(Delivery.State.REFUSED)),
    PortfolioFigure("Unknown", "orders", "view=attention", _in_state(Delivery.State.UNKNOWN)),
    PortfolioFigure("Overdue", "orders", "view=overdue", overdue_count),
)
