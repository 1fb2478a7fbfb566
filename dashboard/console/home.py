"""The first page: what waits for this member, or, for members of several organizations, what waits where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.accounts.access import MemberRequest, as_member, requires
from dashboard.accounts.models import Membership, Organization
from dashboard.registry import Panel, registry


@dataclass(frozen=True)
class Figure:
    label: str
    count: int
    url: str


@dataclass(frozen=True)
class PortfolioEntry:
    organization: Organization
    url: str
    figures: Sequence[Figure]

    @property
    def waiting(self) -> int:
        return sum(figure.count for figure in self.figures)


@require_safe
@requires("home.view")
def home(request: MemberRequest) -> HttpResponse:
    """Panels of the current organization, below the portfolio where there is more than one."""
    entries = [portfolio_entry(m) for m in request.memberships] if len(request.memberships) > 1 else []
    entries.sort(key=lambda entry: -entry.waiting)
    panels = sorted(_panels(request), key=lambda panel: panel.order)
    template = "console/portfolio.html" if entries else "console/home.html"
    return render(request, template, {"panels": panels, "entries": entries})


def portfolio_entry(membership: Membership) -> PortfolioEntry:
    """Only figures whose page this member may open there: a number is information too."""
    member = as_member(membership)
    reachable = {place.url_name for place in registry.places() if member.may(place.permission)}
    slug = membership.organization.slug
    figures = [
        Figure(figure.label, figure.count(member.organization), f"{reverse(figure.url_name)}?org={slug}&{figure.query}")
        for domain in registry.domains.values()
        for figure in domain.portfolio
        if figure.url_name in reachable
    ]
    return PortfolioEntry(membership.organization, f"{reverse('home')}?org={slug}", figures)


def _panels(request: MemberRequest) -> list[Panel]:
    return [p for domain in registry.domains.values() if domain.panels for p in domain.panels(request.member)]
