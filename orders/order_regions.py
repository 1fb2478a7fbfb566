"""The parts of an order's page that follow its events: drawn alike for the first paint and for a push."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from dashboard.accounts.models import Organization, Role
from dashboard.events.timeline import timeline
from dashboard.registry import LiveGauge, LiveRegion, registry
from orders.models import Order
from orders.order_detail import hesh_connection, item_lines, relays_of, row_of

SHOWN_EVENTS = 50
Rendered = Mapping[str, str]
Context = Callable[[Order, frozenset[str]], dict[str, Any]]


def _allowed(roles: frozenset[str], permission: str) -> bool:
    return Role.OWNER in roles or bool(roles & registry.permissions()[permission])


def timeline_of(order: Order) -> dict[str, Any]:
    return {"order": order, "entries": timeline(order.organization, f"order:{order.pk}", limit=SHOWN_EVENTS)}


def _items(order: Order, _roles: frozenset[str]) -> dict[str, Any]:
    connection = hesh_connection(order.organization)
    return {
        "order": order,
        "lines": item_lines(order),
        "connection": connection,
        "unreported": connection is not None and order.productions_reported_at is None,
    }


def _relays(order: Order, roles: frozenset[str]) -> dict[str, Any]:
    may_act = _allowed(roles, "deliveries.act")
    return {"order": order, "relays": relays_of(order, row_of(order), item_lines(order)), "may_act": may_act}


def _timeline(order: Order, _roles: frozenset[str]) -> dict[str, Any]:
    return timeline_of(order)


def _state(order: Order, _roles: frozenset[str]) -> dict[str, Any]:
    return {"order": order, "row": row_of(order)}


def _region(name: str, template: str, context: Context) -> LiveRegion:
    def render(organization: Organization, ids: Iterable[str], roles: frozenset[str]) -> Rendered:
        orders = Order.objects.filter(organization=organization, pk__in=_uuids(ids))
        found = orders.select_related("organization", "client", "primary_client", "assignee")
        return {str(order.pk): render_to_string(template, context(order, roles)) for order in found}

    return LiveRegion(name, ("order",), "orders.view", render)


def _uuids(ids: Iterable[str]) -> list[UUID]:
    found = []
    for text in ids:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


REGIONS = (
    _region("order-state", "orders/order_state.html", _state),
    _region("order-items", "orders/order_items.html", _items),
    _region("order-relays", "orders/order_relays.html", _relays),
    _region("order-timeline", "orders/order_timeline.html", _timeline),
)


def _render_leaving(organization: Organization, key: str, _roles: frozenset[str]) -> str:
    order = next(iter(Order.objects.filter(organization=organization, pk__in=_uuids([key]))), None)
    if order is None:
        return ""
    relays = relays_of(order, row_of(order), ())
    return render_to_string("orders/order_leaving.html", {"order": order, "leaves_at": leaves_at(relays)})


def leaves_at(relays: Iterable[Any]) -> Any:
    return min((relay.leaves_at for relay in relays if relay.leaves_at), default=None)


GAUGES = (LiveGauge("order-leaving", "orders.view", _render_leaving),)
