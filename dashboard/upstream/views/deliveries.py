"""`/deliveries`: what upstreams are owed, by state and age, and every exchange about one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.events.recording import Actor
from dashboard.upstream.access import get_delivery
from dashboard.upstream.delivery_page import delivery_context
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.forms import DeliveryFilterForm, NoteForm
from dashboard.upstream.models import Delivery
from dashboard.upstream.queries import notes_for, page_of_deliveries
from dashboard.upstream.services import ask_upstream, give_up_deliveries, note_delivery, retry_deliveries
from dashboard.upstream.services.deliveries import Acted
from dashboard.upstream.subjects import subjects_of

PAGE = 50
ACTS: dict[str, tuple[Callable[..., Acted], str]] = {
    "retry": (retry_deliveries, "It is sent again, before everything that is not urgent."),
    "ask": (ask_upstream, "The upstream is asked what became of it."),
    "give-up": (give_up_deliveries, "Given up, until somebody sends it again."),
}


@require_safe
@requires("deliveries.view")
def deliveries(request: MemberRequest) -> HttpResponse:
    form = DeliveryFilterForm(request.GET)
    form.is_valid()
    state, age = form.cleaned_data.get("state", ""), form.cleaned_data.get("age", "")
    found = page_of_deliveries(
        request.member.organization,
        states=[Delivery.State(state)] if state else (),
        queued_before=timezone.now() - timedelta(seconds=int(age)) if age else None,
        before=form.cleaned_data.get("before"),
        limit=PAGE + 1,
    )
    rows = found[:PAGE]
    subjects = subjects_of(request.member.organization, rows)
    context = {
        "form": form,
        "rows": [(row, subjects.get(row.pk)) for row in rows],
        "next": f"?state={state}&age={age}&before={rows[-1].pk}" if len(found) > PAGE else None,
        "narrowed": bool(state or age),
        "state": state,
        "states": Delivery.State.choices,
    }
    return render(request, "upstream/deliveries.html", context)


@require_safe
@requires("deliveries.view")
def delivery(request: MemberRequest, pk: int) -> HttpResponse:
    found = get_delivery(request.member, pk)
    context = {
        **delivery_context(found, may_act=request.member.may("deliveries.act")),
        "notes": notes_for(found),
    }
    return render(request, "upstream/delivery.html", context)


@require_POST
@requires("deliveries.act")
def act(request: MemberRequest, pk: int) -> HttpResponse:
    found = get_delivery(request.member, pk)
    service, said = ACTS.get(request.POST.get("act", ""), (None, ""))
    if service is None:
        return HttpResponseBadRequest("A delivery can be sent again, asked about or given up, nothing else.")
    acted = service(organization=request.member.organization, actor=Actor.of_request(request), delivery_ids=[found.pk])
    if acted.skipped:
        messages.error(request, acted.skipped[found.pk])
    else:
        messages.success(request, said)
    return redirect("delivery", pk=found.pk)


@require_POST
@requires("deliveries.act")
def note(request: MemberRequest, pk: int) -> HttpResponse:
    found, form = get_delivery(request.member, pk), NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A note has 1 to 2,000 characters.")
        return redirect("delivery", pk=found.pk)
    try:
        note_delivery(
            organization=request.member.organization,
            actor=Actor.of_request(request),
            delivery_id=found.pk,
            author=request.user,
            text=form.cleaned_data["text"],
        )
    except UpstreamError as error:
        messages.error(request, error.message)
    return redirect("delivery", pk=found.pk)
