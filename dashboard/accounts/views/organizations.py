"""The switcher between one's organizations."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.accounts.access import MemberRequest, requires
from dashboard.accounts.addresses import safe_next
from dashboard.accounts.middleware import work_for


@require_POST
@requires("home.view")
def switch(request: MemberRequest) -> HttpResponseBase:
    slug = request.POST.get("slug", "")
    chosen = next((m for m in request.memberships if m.organization.slug == slug), None)
    if chosen is None:
        raise Http404("There is no such organization.")
    work_for(request, chosen)
    return redirect(safe_next(request))
