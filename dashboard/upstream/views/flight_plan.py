"""`/flight-plan`: for each connection what its limits still allow, what waits, and when each of it leaves."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.upstream.flight import ends_with_more, flight_context
from dashboard.upstream.forms import WhatIfForm
from dashboard.upstream.models import Connection
from dashboard.upstream.queries import connections_of


@require_safe
@requires("deliveries.view")
def flight_plan(request: MemberRequest) -> HttpResponse:
    form = WhatIfForm(request.GET)
    more = form.cleaned_data["more"] if form.is_valid() else None
    found = connections_of(request.member.organization)
    context = {
        "flights": [_flight(connection, request.member.organization, more) for connection in found],
        "form": form,
        "more": more,
    }
    return render(request, "upstream/flight_plan.html", context)


def _flight(connection: Connection, organization: object, more: int | None) -> dict[str, object]:
    connection.organization = organization  # type: ignore[assignment]  # the same row, already read
    asked = more and connection.state == Connection.State.ACTIVE
    ends_at = ends_with_more(connection, more) if asked and more else None
    return {**flight_context(connection), "ends_with_more": ends_at}
