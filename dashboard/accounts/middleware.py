"""Settles once per request who is asking and for which organization; views only read `request.member`.

Sets `request.memberships`, `request.member` and `request.live_seq`: where the organization's log stood before the page
read anything, so that a page which claims to show this state may show a later one, never an earlier one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.decorators import sync_and_async_middleware

from dashboard.accounts.access import as_member, lead
from dashboard.accounts.models import Membership, User

SESSION_ORGANIZATION = "organization"


@sync_and_async_middleware
def membership_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):
        answer = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", get_response)

        async def middleware_async(request: HttpRequest) -> HttpResponseBase:
            _pass_by(request)
            elsewhere = await sync_to_async(_arrive)(request) if _has_session(request) else None
            return elsewhere or await answer(request)

        return middleware_async

    def middleware(request: HttpRequest) -> HttpResponseBase:
        _pass_by(request)
        elsewhere = _arrive(request) if _has_session(request) else None
        return elsewhere or get_response(request)

    return middleware


def memberships_of(user: User) -> list[Membership]:
    """One query for everything the shell says about organizations, and the log's position with it."""
    found = Membership.objects.filter(user=user).select_related("organization__chain_head")
    memberships = list(found.order_by("organization__name", "organization_id"))
    for membership in memberships:
        membership.user = user
    return memberships


def current_membership(memberships: list[Membership], wanted: object) -> Membership | None:
    """The one the session names, while it still exists; else the first."""
    return next((m for m in memberships if str(m.organization_id) == wanted), memberships[0] if memberships else None)


def work_for(request: HttpRequest, membership: Membership) -> None:
    """A form that is still open in another tab was filled in for the organization before: its token ends with that."""
    if request.session.get(SESSION_ORGANIZATION) != str(membership.organization_id):
        request.session[SESSION_ORGANIZATION] = str(membership.organization_id)
        rotate_token(request)


def _has_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _pass_by(request: HttpRequest) -> None:
    """API callers and visitors cost no query."""
    request.__dict__.update(memberships=[], member=None, live_seq=0)


def _arrive(request: HttpRequest) -> HttpResponseBase | None:
    user = request.user
    if not user.is_authenticated:
        return None
    memberships = memberships_of(user)
    elsewhere = _must_change_password(request, user) or _switched_by_link(request, memberships)
    membership = current_membership(memberships, request.session.get(SESSION_ORGANIZATION))
    if membership:
        member = as_member(membership)
        request.__dict__.update(memberships=memberships, member=member, live_seq=_log_position(membership))
    return elsewhere


def _must_change_password(request: HttpRequest, user: User) -> HttpResponseBase | None:
    allowed = {reverse("password"), reverse("sign-out")}
    return lead(request, reverse("password")) if user.must_change_password and request.path not in allowed else None


def _switched_by_link(request: HttpRequest, memberships: list[Membership]) -> HttpResponseBase | None:
    """`?org=slug` opens a link in the organization that it is about; the address then loses it again."""
    slug = request.GET.get("org")
    if slug is None or request.method != "GET":
        return None
    membership = next((m for m in memberships if m.organization.slug == slug), None)
    if membership is None:
        raise Http404("There is no such organization.")
    work_for(request, membership)
    rest = request.GET.copy()
    del rest["org"]
    return lead(request, f"{request.path}?{rest.urlencode()}" if rest else request.path)


def _log_position(membership: Membership) -> int:
    try:
        return int(membership.organization.chain_head.event_seq)
    except ObjectDoesNotExist:
        return 0
