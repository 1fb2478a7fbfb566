"""`/orders/<uuid>/productions`: every piece of an order, a page at a time, and their status where it is set here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.events.recording import Actor
from orders.access import get_order
from orders.errors import OrderError
from orders.forms import ProductionsForm
from orders.models import Order, Production
from orders.order_detail import STATUS_TONES, hesh_connection, item_lines
from orders.services.productions import change_productions

PAGE = 100


@require_safe
@requires("orders.view")
def order_productions(request: MemberRequest, pk: UUID) -> HttpResponse:
    order = get_order(request.member, pk)
    item, status = _uuid(request.GET.get("item")), request.GET.get("status", "")
    rows = _after(_productions(order, item, status), request.GET.get("after", ""))
    shown = list(rows[: PAGE + 1])
    connection = hesh_connection(order.organization)
    context: dict[str, Any] = {
        "order": order,
        "lines": item_lines(order),
        "rows": [(production, STATUS_TONES[Production.Status(production.status)]) for production in shown[:PAGE]],
        "next": _cursor(shown[PAGE - 1]) if len(shown) > PAGE else "",
        "item": item,
        "status": status,
        "statuses": Production.Status.choices,
        "connection": connection,
        "unreported": connection is not None and order.productions_reported_at is None,
        "form": ProductionsForm(),
        "may_change": connection is None and not order.is_deleted and request.member.may("productions.change"),
        "tab": "productions",
    }
    return render(request, "orders/order_productions.html", context)


@require_POST
@requires("productions.change")
def change_order_productions(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Singly, the selected ones, or all of the order."""
    order, form = get_order(request.member, pk), ProductionsForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("Choose a status, a progress from 0 to 100, and which productions are meant.")
    selected = [found for text in request.POST.getlist("selected") if (found := _uuid(text))]
    if form.cleaned_data["scope"] == "selected" and not selected:
        messages.error(request, "Select at least one production.")
        return redirect("order-productions", pk=order.pk)
    try:
        changed = change_productions(
            organization=request.member.organization,
            actor=Actor.of_request(request),
            order_id=order.pk,
            production_ids=selected if form.cleaned_data["scope"] == "selected" else None,
            status=form.cleaned_data["status"] or None,
            progress=form.cleaned_data["progress"],
        )
    except OrderError as error:
        messages.error(request, error.message)
    else:
        left = (
            f" {len(changed.skipped):,} were left as they are: {changed.skipped[0].reason}" if changed.skipped else ""
        )
        messages.success(request, f"{changed.changed:,} productions were changed.{left}")
    return redirect("order-productions", pk=order.pk)


def _productions(order: Order, item: UUID | None, status: str) -> QuerySet[Production]:
    rows = Production.objects.filter(line_item__order=order).select_related("line_item")
    if item:
        rows = rows.filter(line_item=item)
    if status in Production.Status.values:
        rows = rows.filter(status=status)
    return rows.order_by("line_item__position", "number")


def _after(rows: QuerySet[Production], cursor: str) -> QuerySet[Production]:
    """Behind the last one shown: `<position>-<number>`. A cursor that was never ours reads as the first page."""
    position, _, number = cursor.partition("-")
    if not (position.isdigit() and number.isdigit() and len(cursor) < 20):
        return rows
    here = rows.filter(line_item__position=int(position), number__gt=int(number))
    return (here | rows.filter(line_item__position__gt=int(position))).order_by("line_item__position", "number")


def _cursor(production: Production) -> str:
    return f"{production.line_item.position}-{production.number}"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
