"""What the upstreams have to say on the home page."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import mark_safe

from dashboard.accounts.access import Member
from dashboard.registry import Panel
from dashboard.upstream.flight import render_summary
from dashboard.upstream.models import Connection


def panels(member: Member) -> Sequence[Panel]:
    if not member.may("deliveries.view"):
        return ()
    connections = Connection.objects.filter(organization=member.organization).order_by("system")
    flights = [
        mark_safe(render_summary(member.organization, str(one.pk), member.roles))  # noqa: S308 - our own template's output
        for one in connections
    ]
    return (Panel("On the way out", "upstream/flight_panel.html", {"flights": flights}, order=20),) if flights else ()
