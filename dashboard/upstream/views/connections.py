"""`/settings/connections`: the upstreams of an organization. Nobody sees a secret; only owners change anything."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.events.recording import Actor
from dashboard.upstream import services
from dashboard.upstream.access import get_connection
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.forecast import forecast
from dashboard.upstream.forms import ConnectForm, KeyForm, PauseForm
from dashboard.upstream.models import Connection
from dashboard.upstream.queries import connections_of, last_answer_at, queue_counts


@require_safe
@requires("connections.view")
def connections(request: MemberRequest) -> HttpResponse:
    rows = [
        {
            "connection": found,
            "plan": forecast(found),
            "counts": queue_counts(found),
            "last_answer_at": last_answer_at(found),
        }
        for found in connections_of(request.member.organization)
    ]
    return render(request, "upstream/connections.html", {"rows": rows, "pause_form": PauseForm()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("connections.manage")
def add(request: MemberRequest) -> HttpResponse:
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.connect(
                organization=request.member.organization,
                actor=Actor.of_request(request),
                connection=services.NewConnection(**form.cleaned_data),
            )
        except UpstreamError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"{made.label} is connected. What is changed from now on is sent there.")
            return redirect("connections")
    return render(request, "upstream/connection_add.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("connections.manage")
def key(request: MemberRequest, pk: UUID) -> HttpResponse:
    found, form = get_connection(request.member, pk), KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.replace_secret(
                organization=request.member.organization,
                actor=Actor.of_request(request),
                connection_id=found.pk,
                secret=form.cleaned_data["secret"],
            )
        except UpstreamError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"{found.label} uses the new key.")
            return redirect("connections")
    context = {"form": form, "connection": found}
    return render(request, "upstream/connection_key.html", context, status=400 if form.errors else 200)


@require_POST
@requires("connections.manage")
def pause(request: MemberRequest, pk: UUID) -> HttpResponse:
    found, form = get_connection(request.member, pk), PauseForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _change(
        request,
        found,
        lambda: services.pause_connection(
            organization=found.organization,
            actor=Actor.of_request(request),
            connection_id=found.pk,
            reason=reason or f"{request.user.name or request.user.email} paused it.",
        ),
        f"{found.label} is paused. Nothing is lost: it goes on where it stopped.",
    )


@require_POST
@requires("connections.manage")
def resume(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = get_connection(request.member, pk)
    return _change(
        request,
        found,
        lambda: services.resume_connection(
            organization=found.organization, actor=Actor.of_request(request), connection_id=found.pk
        ),
        f"{found.label} goes on.",
    )


@require_POST
@requires("connections.manage")
def test(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One real read, inside the limits; the answer is waited for."""
    found = get_connection(request.member, pk)
    try:
        tested = services.test_connection(
            organization=found.organization, actor=Actor.of_request(request), connection_id=found.pk
        )
    except UpstreamError as error:
        messages.error(request, error.message)
        return redirect("connections")
    took = f" after {tested.seconds:.2f} s" if tested.seconds is not None else ""
    level = messages.SUCCESS if tested.works else messages.ERROR
    messages.add_message(request, level, f"{found.label}: {tested.detail.rstrip('.')}{took}.")
    return redirect("connections")


def _change(request: MemberRequest, found: Connection, service: Callable[[], object], said: str) -> HttpResponse:
    try:
        service()
    except UpstreamError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("connections")
