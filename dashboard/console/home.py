"""The first page: what waits for this member, or, for members of several organizations, what waits where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.accounts.access import Member, MemberRequest, as_member, requires
from dashboard.accounts.models import Membership, Organization
from dashboard.registry import Panel, PortfolioFigure, registry


@dataclass(frozen=True)
class Figure:
    label: str
    count: int | None  # None: not for this member's roles there
    url: str


@dataclass(frozen=True)
class PortfolioEntry:
    organization: Organization
    url: str
    figures: Sequence[Figure]

    @property
    def shown(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.count is not None]

    @property
    def waiting(self) -> int:
        return sum(figure.count or 0 for figure in self.figures)


@require_safe
@requires("home.view")
def home(request: MemberRequest) -> HttpResponse:
    """Panels of the current organization, below the portfolio where there is more than one."""
    panels = sorted(_panels(request.member), key=lambda panel: panel.order)
    if len(request.memberships) == 1:
        entry = portfolio_entry(request.memberships[0])
        return render(request, "console/home.html", {"panels": panels, "entry": entry})
    entries = sorted((portfolio_entry(m) for m in request.memberships), key=lambda entry: -entry.waiting)
    return render(request, "console/portfolio.html", {"panels": panels, "entries": entries, "columns": portfolio()})


def portfolio() -> list[PortfolioFigure]:
    return [figure for domain in registry.domains.values() for figure in domain.portfolio]


def portfolio_entry(membership: Membership) -> PortfolioEntry:
    """Only figures whose page this member may open there: a number is information too."""
    member = as_member(membership)
    reachable = {place.url_name for place in registry.places() if member.may(place.permission)}
    figures = [_figure(figure, member.organization, shown=figure.url_name in reachable) for figure in portfolio()]
    return PortfolioEntry(member.organization, f"{reverse('home')}?org={member.organization.slug}", figures)


def _figure(figure: PortfolioFigure, organization: Organization, *, shown: bool) -> Figure:
    url = f"{reverse(figure.url_name)}?org={organization.slug}&{figure.query}"
    return Figure(figure.label, figure.count(organization) if shown else None, url)


def _panels(member: Member) -> list[Panel]:
    return [panel for domain in registry.domains.values() if domain.panels for panel in domain.panels(member)]
