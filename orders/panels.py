"""What orders have to say on the home page: what went wrong, and what came in."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.accounts.access import Member
from dashboard.registry import Panel
from orders.attention import groups_of
from orders.counts import view_counts
from orders.models import ImportJob

_CASES = 6
_IMPORTS = 4


def panels(member: Member) -> Sequence[Panel]:
    found = []
    if member.may("orders.view"):
        found.append(_attention(member))
    if member.may("orders.import"):
        found.append(_imports(member))
    return found


def _attention(member: Member) -> Panel:
    groups = groups_of(member.organization, view_counts(member.organization))
    cases = [case for group in groups for case in group.cases]
    return Panel(
        "Needs attention", "orders/panel_attention.html", {"cases": cases[:_CASES], "groups": groups}, order=10
    )


def _imports(member: Member) -> Panel:
    jobs = ImportJob.objects.filter(organization=member.organization).order_by("-created_at")[:_IMPORTS]
    return Panel("Latest imports", "orders/panel_imports.html", {"jobs": jobs}, order=30)
