"""What the frame around every page needs: where this member may go, what waits there, and for whom they are working."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from dashboard.accounts.access import Member
from dashboard.registry import Place, registry


@dataclass(frozen=True)
class NavigationItem:
    label: str
    url: str
    icon: str
    badge: int | None
    badge_id: str
    current: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    member: Member | None = getattr(request, "member", None)
    return {
        "member": member,
        "organization": member.organization if member else None,
        "organizations": [m.organization for m in getattr(request, "memberships", [])],
        "navigation": _navigation(request, member) if member else [],
        "live_seq": getattr(request, "live_seq", 0),
        "request_id": getattr(request, "request_id", ""),
    }


def _navigation(request: HttpRequest, member: Member) -> list[NavigationItem]:
    allowed = [(place, reverse(place.url_name)) for place in registry.places() if member.may(place.permission)]
    here = max((url for _, url in allowed if _is_at(request.path, url)), key=len, default="")
    return [_item(place, url, member, current=url == here) for place, url in allowed]


def _is_at(path: str, url: str) -> bool:
    """The longest match wins, so that a place below another one does not light up both."""
    return path == url or (url != "/" and path.startswith(f"{url.rstrip('/')}/"))


def _item(place: Place, url: str, member: Member, *, current: bool) -> NavigationItem:
    badge = place.badge(member.organization) if place.badge else None
    return NavigationItem(place.label, url, place.icon, badge, f"badge-{place.url_name}", current)
