"""Who someone is for one organization, and the guard in front of every page.

Roles are granted permissions in the registry only; views, APIs and templates ask `Member.may` and never look at roles.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import patch_cache_control, patch_vary_headers

from dashboard.accounts.models import Membership, Organization, Role, User
from dashboard.registry import registry

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


@dataclass(frozen=True)
class Member:
    user: User
    organization: Organization
    roles: frozenset[str]

    def may(self, permission: str) -> bool:
        """An unregistered permission is a bug and raises, for the owner too."""
        granted = registry.permissions()[permission]
        return Role.OWNER in self.roles or bool(granted & self.roles)


class MemberRequest(HttpRequest):
    """What a view behind `requires` is given."""

    user: User
    member: Member
    memberships: list[Membership]
    htmx: HtmxDetails
    request_id: str
    live_seq: int


def as_member(membership: Membership) -> Member:
    return Member(membership.user, membership.organization, frozenset(membership.roles))


def member_of(user: User, organization_id: uuid.UUID | str) -> Member | None:
    """Asked again wherever something long-lived (a socket, a job) acts for a person."""
    found = (
        Membership.objects.select_related("organization", "user")
        .filter(user=user, user__is_active=True, organization_id=organization_id)
        .first()
    )
    return as_member(found) if found else None


def requires(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only members with this permission in. Strangers' objects are the app's own access getters' business: 404."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                turned_away = _turn_away(request, permission)
                return turned_away or _private(await view(request, *args, **kwargs))

            return guarded_async

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            turned_away = _turn_away(request, permission)
            return turned_away or _private(view(request, *args, **kwargs))

        return guarded

    return decorate


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """After signing in they come back, unless they were about to change something: that is asked for anew."""
    wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else settings.LOGIN_REDIRECT_URL
    return lead(request, redirect_to_login(wanted).url)


def lead(request: HttpRequest, url: str) -> HttpResponseBase:
    """A redirect that moves the whole page, even when only a fragment of it was asked for."""
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _turn_away(request: HttpRequest, permission: str) -> HttpResponseBase | None:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    member = cast("Member | None", getattr(request, "member", None))
    if member is None:
        raise PermissionDenied("You are not a member of any organization. Ask an owner to add you.")
    if not member.may(permission):
        raise PermissionDenied(f"Your roles at {member.organization.name} don't allow this. Ask an owner for it.")
    return None


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """One URL answers pages and fragments; neither belongs into a shared cache, or back on screen after signing out."""
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, private=True, no_cache=True)
    return response
