"""How everyone gets at an order: within one organization, where a stranger's order is as missing as none at all."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from orders.errors import Missing
from orders.models import LineItem, Order


def get_order(member: Member, pk: UUID) -> Order:
    """For pages."""
    found = (
        Order.objects.filter(organization=member.organization, pk=pk).select_related("client", "primary_client").first()
    )
    if found is None:
        raise Http404("There is no such order.")
    return found


def order_by_external_id(organization: Organization, external_order_id: str) -> Order:
    """For the Public API."""
    # PostgreSQL has no text with a NUL in it, so there is no such order either.
    wanted = external_order_id if "\x00" not in external_order_id else ""
    found = (
        Order.objects.filter(organization=organization, external_order_id=wanted)
        .select_related("client", "primary_client")
        .first()
    )
    if found is None:
        raise Missing(f"There is no order with the external_order_id {_shown(external_order_id)}.", "external_order_id")
    return found


def locked_order(organization: Organization, order_id: UUID) -> Order:
    """For services: the order's row is the first lock of every change to it and to what hangs on it."""
    found = Order.objects.select_for_update(no_key=True).filter(organization=organization, pk=order_id).first()
    if found is None:
        raise Missing("There is no such order.")
    return found


def line_item_of(order: Order, line_item_id: str) -> LineItem:
    wanted = line_item_id if "\x00" not in line_item_id else ""
    found = LineItem.objects.filter(order=order, line_item_id=wanted).first()
    if found is None:
        raise Missing(f"Order {order.external_order_id} has no line item {_shown(line_item_id)}.", "line_item_id")
    return found


def _shown(value: str) -> str:
    return value.replace("\x00", "\\0")[:120]
