"""The counters above the order list. Each stops at 10,000, so none costs more on a large table than on a small one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, Value
from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.models import Order
from orders.order_filter import VIEWS
from orders.queries import in_view, overdue

CAP = 10_000
# Counters lag by at most this, so that many open pages cost one count and not one each.
FRESH_SECONDS = 1.0
# Stand in the compiled statement for whoever asks, and for when.
_ANYONE = UUID(int=0)
_SOMETIME = datetime(1, 1, 1, tzinfo=UTC)
_counted: dict[UUID, tuple[float, dict[str, int]]] = {}


@dataclass(frozen=True)
class _Statement:
    """All counters in one round trip, compiled once per process: building it anew would cost more than running it."""

    names: tuple[str, ...]
    sql: str
    params: tuple[Any, ...]

    def run(self, organization: Organization) -> dict[str, int]:
        values: dict[Any, Any] = {_ANYONE: organization.pk, _SOMETIME: timezone.now()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values.get(param, param) for param in self.params])
            return dict(zip(self.names, cursor.fetchone() or (), strict=True))


def view_counts(organization: Organization) -> dict[str, int]:
    """Of every view, and of every kind of failure that "needs attention" groups; at most CAP + 1 each."""
    now = time.monotonic()
    at, counts = _counted.get(organization.pk, (0.0, {}))
    if not counts or now - at > FRESH_SECONDS:
        counts = _statement().run(organization)
        _counted[organization.pk] = (now, counts)
    return counts


@cache
def _statement() -> _Statement:
    counted = _views(Organization(pk=_ANYONE))
    parts: list[str] = []
    params: list[Any] = []
    for rows in counted.values():
        sql, its_params = rows.order_by()[: CAP + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - Django's SQL, its values are apart
        params.extend(its_params)
    return _Statement(tuple(counted), f"SELECT {', '.join(parts)}", tuple(params))


def _views(organization: Organization) -> dict[str, QuerySet[Any]]:
    orders = Order.objects.filter(organization=organization)
    counted: dict[str, QuerySet[Any]] = {
        view: orders.filter(in_view(organization, view)).values(one=Value(1))
        for view in VIEWS
        if view not in {"attention", "waiting", "overdue"}
    }
    late = orders.filter(overdue(_SOMETIME))
    counted["overdue"] = late.values(one=Value(1))
    # From the deliveries' side, and each half stopped by itself: neither may walk all orders to find out.
    counted["waiting"] = lanes(organization, relay_state.WAITING)
    failed = lanes(organization, Delivery.NEEDS_ATTENTION)[: CAP + 1]
    counted["attention"] = failed.union(late.values(order=F("pk"))[: CAP + 1])
    counted |= {str(state): lanes(organization, (state,)) for state in Delivery.NEEDS_ATTENTION}
    return counted


def lanes(organization: Organization, states: tuple[str, ...]) -> QuerySet[Any]:
    return relay_state.deliveries_in(organization, states).values(order=F("lane")).distinct()


def shown(count: int) -> str:
    return f"{CAP:,}+" if count > CAP else f"{count:,}"


def attention_count(organization: Organization) -> int:
    """For the navigation's badge."""
    return min(view_counts(organization)["attention"], CAP)
