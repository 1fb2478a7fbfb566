"""API keys: made here, shown once, revoked at once."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.accounts.api_keys import IssuedKey, issue_key, revoke_key
from dashboard.accounts.errors import AccountError
from dashboard.accounts.forms import KeyForm
from dashboard.accounts.queries import get_key, page_of_keys
from dashboard.events.recording import Actor


@require_safe
@requires("keys.view")
def keys(request: MemberRequest) -> HttpResponse:
    return _page(request, KeyForm(initial={"key_id": uuid.uuid4()}))


@require_POST
@requires("keys.manage")
def create(request: MemberRequest) -> HttpResponse:
    form = KeyForm(request.POST)
    if form.is_valid():
        organization, actor = request.member.organization, Actor.of_request(request)
        try:
            issued = issue_key(
                organization=organization, actor=actor, created_by=request.member.user, **form.cleaned_data
            )
            return _page(request, KeyForm(initial={"key_id": uuid.uuid4()}), issued=issued)
        except AccountError as error:
            form.add_error(error.field or None, error.message)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("keys.manage")
def revoke(request: MemberRequest, pk: uuid.UUID) -> HttpResponseBase:
    key = get_key(request.member, pk)
    if request.method != "POST":
        return render(request, "accounts/key_revoke.html", {"key": key})
    revoked = revoke_key(organization=request.member.organization, actor=Actor.of_request(request), key_id=pk)
    messages.success(request, f"{key.label} is revoked." if revoked else f"{key.label} was revoked already.")
    return redirect("api-keys")


def _page(
    request: MemberRequest, form: KeyForm, *, issued: IssuedKey | None = None, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """The key in clear exists only in the answer to the request that made it."""
    after = request.GET.get("after", "")
    page = page_of_keys(request.member.organization, after)
    first_url = reverse("api-keys") if after else None
    next_url = f"{reverse('api-keys')}?{urlencode({'after': page.next_cursor})}" if page.next_cursor else None
    context = {"form": form, "page": page, "issued": issued, "first_url": first_url, "next_url": next_url}
    return render(request, "accounts/keys.html", context, status=status)
