"""`/orders/new` and `/orders/<uuid>/edit`: one form, with and without JavaScript, checked by the API's own schema."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dashboard.accounts.access import MemberRequest, requires
from dashboard.events.recording import Actor
from dashboard.upstream.models import Delivery
from orders.access import get_order
from orders.errors import Invalid, OrderError
from orders.forms import OrderForms
from orders.models import Order
from orders.schemas import OrderChange, OrderInput, validate
from orders.services.editing import edit_order
from orders.services.ordering import create_order
from orders.services.relaying import ORDER


@require_http_methods(["GET", "HEAD", "POST"])
@requires("orders.change")
def order_create(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, OrderForms(new_rows=1))
    if "add_item" in request.POST:
        return _page(request, OrderForms.with_another_row(request.POST))
    forms = OrderForms(request.POST)
    if forms.is_valid():
        try:
            made = create_order(
                organization=request.member.organization,
                actor=Actor.of_request(request),
                order=validate(OrderInput, forms.values(), from_text=True),
                source="console",
            )
        except OrderError as error:
            forms.add_problems(_problems(error))
        else:
            if not made.created:
                messages.info(request, f"Order {made.order.order_key} was there already, exactly like this.")
            return redirect("order", pk=made.order.pk)
    return _page(request, forms, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("orders.change")
def order_edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    order = get_order(request.member, pk)
    refused = _refused(order)
    if request.method != "POST":
        forms = OrderForms(order=order)
        return _page(request, forms, refused)
    if "add_item" in request.POST:
        return _page(request, OrderForms.with_another_row(request.POST, order=order), refused)
    forms = OrderForms(request.POST, order=order)
    if forms.is_valid():
        try:
            edited = edit_order(
                organization=request.member.organization,
                actor=Actor.of_request(request),
                order_id=order.pk,
                change=validate(OrderChange, forms.values(), from_text=True),
                revision=forms.head.cleaned_data["revision"] or 0,
            )
        except OrderError as error:
            forms.add_problems(_problems(error))
        else:
            messages.success(request, _saved(order, bool(edited.changed), refused))
            return redirect("order", pk=order.pk)
    return _page(request, forms, refused, status=400)


def _page(
    request: MemberRequest, forms: OrderForms, refused: Delivery | None = None, status: int = 200
) -> HttpResponse:
    order = forms.head.order
    context: dict[str, Any] = {
        "order": order,
        "forms": forms,
        "head": forms.head,
        "refused": refused,
        # What the form was opened on, or, after a conflict, what saving again replaces.
        "revision": order.revision if order else "",
        "upstream_says": _upstream_says(forms, refused),
    }
    return render(request, "orders/order_form.html", context, status=status)


def _problems(error: OrderError) -> list[tuple[str, str]]:
    return error.problems if isinstance(error, Invalid) else [(error.field, error.message)]


def _refused(order: Order) -> Delivery | None:
    return Delivery.objects.filter(
        organization=order.organization, subject_type=ORDER, subject_id=order.pk, state=Delivery.State.REFUSED
    ).first()


def _upstream_says(forms: OrderForms, refused: Delivery | None) -> dict[str, str]:
    """The upstream's reason, by the HTML name of the field that it is about."""
    if refused is None or not refused.reason_field:
        return {}
    form, field = forms.field_of(refused.reason_field)
    return {form.add_prefix(field): refused.reason} if field else {}


def _saved(order: Order, changed: bool, refused: Delivery | None) -> str:
    if refused:
        return f"Order {order.order_key} was saved and is sent again."
    return f"Order {order.order_key} was saved." if changed else f"Nothing was changed in order {order.order_key}."
