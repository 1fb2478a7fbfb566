"""The counters above the order list. Each stops at 10,000, so none costs more on a large table than on a small one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, Value

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.models import Order
from orders.order_filter import VIEWS
from orders.queries import in_view, overdue

CAP = 10_000
# Counters lag by at most this, so that many open pages cost one count and not one each.
FRESH_SECONDS = 1.0
_counted: dict[UUID, tuple[float, dict[str, int]]] = {}


def capped_counts(querysets: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each has, at most CAP + 1, in one round trip."""
    parts, params = [], []
    for rows in querysets.values():
        sql, its_params = rows.order_by()[: CAP + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - sql is Django's, its values are apart
        params.extend(its_params)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        found = cursor.fetchone()
    return dict(zip(querysets, found or (), strict=True))


def view_counts(organization: Organization) -> dict[str, int]:
    """Of every view, and of every kind of failure that "needs attention" groups."""
    now = time.monotonic()
    at, counts = _counted.get(organization.pk, (0.0, {}))
    if not counts or now - at > FRESH_SECONDS:
        counts = capped_counts(_views(organization))
        _counted[organization.pk] = (now, counts)
    return counts


def _views(organization: Organization) -> dict[str, QuerySet[Any]]:
    orders = Order.objects.filter(organization=organization)
    counted: dict[str, QuerySet[Any]] = {
        view: orders.filter(in_view(organization, view)).values(one=Value(1)) for view in VIEWS
    }
    # From the deliveries' side, and each half stopped by itself: neither may walk all orders to find out.
    counted["waiting"] = lanes(organization, relay_state.WAITING)
    counted["attention"] = attention_ids(organization)
    counted |= {str(state): lanes(organization, (state,)) for state in Delivery.NEEDS_ATTENTION}
    return counted


def lanes(organization: Organization, states: tuple[str, ...]) -> QuerySet[Any]:
    return relay_state.deliveries_in(organization, states).values(order=F("lane")).distinct()


def attention_ids(organization: Organization) -> QuerySet[Any]:
    failed = lanes(organization, Delivery.NEEDS_ATTENTION)[: CAP + 1]
    late = Order.objects.filter(overdue(), organization=organization).values(order=F("pk"))[: CAP + 1]
    return failed.union(late)


def shown(count: int) -> str:
    return f"{CAP:,}+" if count > CAP else f"{count:,}"


def attention_count(organization: Organization) -> int:
    """For the navigation's badge."""
    return min(view_counts(organization)["attention"], CAP)
