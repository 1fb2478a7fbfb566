"""Who belongs to the organization; owners add, change and remove."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.accounts.errors import AccountError
from dashboard.accounts.forms import MemberForm, RolesForm
from dashboard.accounts.queries import get_membership, members_of
from dashboard.accounts.services.members import AddedMember, add_member, change_roles, remove_member
from dashboard.accounts.services.passwords import reset_password
from dashboard.events.recording import Actor


@require_safe
@requires("members.view")
def members(request: MemberRequest) -> HttpResponse:
    return _page(request, MemberForm())


@require_POST
@requires("members.manage")
def add(request: MemberRequest) -> HttpResponse:
    form = MemberForm(request.POST)
    if form.is_valid():
        organization, actor = request.member.organization, Actor.of_request(request)
        try:
            added = add_member(organization=organization, actor=actor, **form.cleaned_data)
            return _page(request, MemberForm(), added=added)
        except AccountError as error:
            form.add_error(error.field or None, error.message)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.manage")
def roles(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    membership = get_membership(request.member, pk)
    form = RolesForm(request.POST if request.method == "POST" else None, initial={"roles": membership.roles})
    if request.method == "POST" and form.is_valid():
        organization, actor = request.member.organization, Actor.of_request(request)
        try:
            change_roles(organization=organization, actor=actor, user_id=pk, roles=form.cleaned_data["roles"])
        except AccountError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"Roles of {membership.user} saved.")
            return redirect("members")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "accounts/member_roles.html", {"form": form, "membership": membership}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.manage")
def password(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    membership = get_membership(request.member, pk)
    if request.method != "POST":
        return render(request, "accounts/member_password.html", {"membership": membership})
    try:
        new = reset_password(organization=request.member.organization, actor=Actor.of_request(request), user_id=pk)
    except AccountError as error:
        context = {"membership": membership, "refusal": error.message}
        return render(request, "accounts/member_password.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(request, MemberForm(), reset=AddedMember(membership, new))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.manage")
def remove(request: MemberRequest, pk: uuid.UUID) -> HttpResponseBase:
    membership = get_membership(request.member, pk)
    if request.method != "POST":
        return render(request, "accounts/member_remove.html", {"membership": membership})
    try:
        remove_member(organization=request.member.organization, actor=Actor.of_request(request), user_id=pk)
    except AccountError as error:
        context = {"membership": membership, "refusal": error.message}
        return render(request, "accounts/member_remove.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, f"{membership.user} is no longer a member.")
    return redirect("members")


def _page(
    request: MemberRequest,
    form: MemberForm,
    *,
    added: AddedMember | None = None,
    reset: AddedMember | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """A one-time password exists only in the answer to the request that made it."""
    context = {"form": form, "memberships": members_of(request.member.organization), "added": added, "reset": reset}
    return render(request, "accounts/members.html", context, status=status)
