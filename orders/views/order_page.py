"""`/orders/<uuid>`: what is ordered, how far it is, everything the upstream was told about it, and who did what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.accounts.models import Membership
from dashboard.events.recording import Actor
from dashboard.upstream.access import get_delivery
from dashboard.upstream.services import UpstreamError, ask_upstream, give_up_delivery, retry_delivery
from orders.access import get_order
from orders.errors import OrderError
from orders.forms import AttachmentForm, NoteForm, TagsForm
from orders.models import LineItem, Order
from orders.order_detail import detail
from orders.order_regions import leaves_at, timeline_of
from orders.schemas import AttachmentInput, TagsInput, validate
from orders.services.attachments import add_attachment
from orders.services.mirroring import ask_for_productions
from orders.services.notes import assign_order, note_order
from orders.services.tags import add_tags

ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "retry": (retry_delivery, "It is sent again, before everything that is imported."),
    "give-up": (give_up_delivery, "Given up: the upstream is not told any more, until somebody sends it again."),
}


@require_safe
@requires("orders.view")
def order(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = get_order(request.member, pk)
    ask_for_productions(order=found)
    shown = detail(found)
    context = {
        **shown,
        **timeline_of(found),
        "leaves_at": leaves_at(shown["relays"]),
        "may_act": request.member.may("deliveries.act"),
        "note_form": NoteForm(),
        "people": _people(request),
        "tab": "order",
    }
    return render(request, "orders/order.html", context)


@require_POST
@requires("orders.change")
def order_note(request: MemberRequest, pk: UUID) -> HttpResponse:
    found, form = get_order(request.member, pk), NoteForm(request.POST)
    return _change(
        request,
        found,
        form,
        lambda actor: note_order(
            organization=request.member.organization,
            actor=actor,
            order_id=found.pk,
            author=request.user,
            text=form.cleaned_data["text"],
        ),
    )


@require_POST
@requires("orders.change")
def order_assign(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = get_order(request.member, pk)
    try:
        assignee = UUID(request.POST["assignee"]) if request.POST.get("assignee") else None
    except ValueError:
        return HttpResponseBadRequest("The assignee is not one of this organization's members.")
    return _change(
        request,
        found,
        None,
        lambda actor: assign_order(
            organization=request.member.organization, actor=actor, order_id=found.pk, assignee_id=assignee
        ),
    )


@require_POST
@requires("orders.change")
def order_tags(request: MemberRequest, pk: UUID, item_pk: UUID) -> HttpResponse:
    found, form = get_order(request.member, pk), TagsForm(request.POST)
    return _change(
        request,
        found,
        form,
        lambda actor: add_tags(
            organization=request.member.organization,
            actor=actor,
            order_id=found.pk,
            line_item_id=_item_id(found, item_pk),
            tags=validate(TagsInput, form.values()),
            urgent=True,
        ),
    )


@require_POST
@requires("orders.change")
def order_attachments(request: MemberRequest, pk: UUID, item_pk: UUID) -> HttpResponse:
    found, form = get_order(request.member, pk), AttachmentForm(request.POST)
    return _change(
        request,
        found,
        form,
        lambda actor: add_attachment(
            organization=request.member.organization,
            actor=actor,
            order_id=found.pk,
            line_item_id=_item_id(found, item_pk),
            attachment=validate(AttachmentInput, form.values()),
            urgent=True,
        ),
    )


@require_POST
@requires("deliveries.act")
def order_delivery(request: MemberRequest, pk: UUID) -> HttpResponse:
    """A button of one delivery: `act` is `retry:<delivery id>`, `ask:…` or `give-up:…`."""
    found = get_order(request.member, pk)
    act, _, delivery_id = request.POST.get("act", "").partition(":")
    if act not in {*ACTS, "ask"} or not delivery_id.isdigit() or len(delivery_id) > 18:
        return HttpResponseBadRequest("This page can retry, ask or give up a delivery, nothing else.")
    delivery = get_delivery(request.member, int(delivery_id))
    arguments = {"organization": request.member.organization, "actor": Actor.of_request(request)}
    try:
        if act == "ask":
            _ask(request, arguments, delivery.pk)
        else:
            service, said = ACTS[act]
            service(**arguments, delivery_id=delivery.pk)
            messages.success(request, said)
    except UpstreamError as error:
        messages.error(request, str(error))
    return redirect("order", pk=found.pk)


def _ask(request: MemberRequest, arguments: dict[str, Any], delivery_id: int) -> None:
    acted = ask_upstream(**arguments, delivery_ids=[delivery_id])
    if acted.skipped:
        raise UpstreamError(acted.skipped[delivery_id])
    messages.success(request, "The upstream is asked what became of it.")


def _change(
    request: MemberRequest, found: Order, form: django_forms.Form | None, service: Callable[[Actor], object]
) -> HttpResponse:
    """The forms of this page are small: what is wrong with them is said in one line above it."""
    if form is not None and not form.is_valid():
        messages.error(request, "; ".join(f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()))
        return redirect("order", pk=found.pk)
    try:
        service(Actor.of_request(request))
    except OrderError as error:
        messages.error(request, error.message)
    return redirect("order", pk=found.pk)


def _item_id(found: Order, item_pk: UUID) -> str:
    item = LineItem.objects.filter(order=found, pk=item_pk).first()
    return item.line_item_id if item else ""


def _people(request: MemberRequest) -> list[Membership]:
    members = Membership.objects.filter(organization=request.member.organization).select_related("user")
    return list(members.order_by("user__name", "user__email"))
