"""Saved views: a filter with a name, kept, shared, renamed, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.accounts.access import MemberRequest, requires
from orders.errors import OrderError
from orders.models import SavedView
from orders.saved_views import canonical, change_view, delete_view, get_own_view, save_view


@require_POST
@requires("orders.view")
def order_view_save(request: MemberRequest) -> HttpResponse:
    query = request.POST.get("query", "")
    try:
        view = save_view(
            member=request.member, name=request.POST.get("name", ""), query=query, shared="shared" in request.POST
        )
    except OrderError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('orders')}?{canonical(query)}")
    messages.success(request, f"Saved as “{view.name}”.")
    return _to(view)


@require_POST
@requires("orders.view")
def order_view_change(request: MemberRequest, pk: int) -> HttpResponse:
    view = get_own_view(request.member, pk)
    try:
        view = change_view(
            member=request.member, pk=pk, name=request.POST.get("name", ""), shared="shared" in request.POST
        )
    except OrderError as error:
        messages.error(request, str(error))
    return _to(view)


@require_POST
@requires("orders.view")
def order_view_delete(request: MemberRequest, pk: int) -> HttpResponse:
    delete_view(member=request.member, pk=pk)
    messages.success(request, "The view is deleted.")
    return redirect("orders")


def _to(view: SavedView) -> HttpResponse:
    return redirect(f"{reverse('orders')}?{view.query}")
