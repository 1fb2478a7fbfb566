"""Commands over many orders: POST freezes a selection, its page shows what will happen, POST runs it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from dashboard.accounts.access import Member, MemberRequest, requires
from orders import bulk_jobs
from orders.bulk_actions import BulkAction
from orders.bulk_catalog import action_named, is_action
from orders.bulk_cost import cost_of
from orders.errors import Invalid, OrderError
from orders.models import BulkJob
from orders.order_filter import OrderFilter, read_filter


@require_POST
@requires("orders.view")
def order_bulk(request: MemberRequest) -> HttpResponse:
    """`one=ACTION:ID` is a button beside one order and is done at once; everything else gets a preview first."""
    member = request.member
    name, _, single = request.POST.get("one", "").partition(":")
    action = _permitted(member, name or request.POST.get("action", ""))
    try:
        arguments = action.read(member, request.POST.dict())
        wanted, ids = (None, _uuids([single])) if name else _selection(member, request.POST)
        job = bulk_jobs.freeze(member=member, action=action, arguments=arguments, wanted=wanted, ids=ids)
    except OrderError as error:
        messages.error(request, str(error))
        return redirect(_back(request))
    if not name:
        return redirect("order-bulk-job", pk=job.pk)
    job = bulk_jobs.run(member=member, job=job)
    _say(request, job)
    return redirect(_back(request))


@require_safe
@requires("orders.view")
def order_bulk_job(request: MemberRequest, pk: UUID) -> HttpResponse:
    member = request.member
    job = bulk_jobs.get_job(member, pk)
    action = action_named(job.action)
    context = {
        "job": job,
        "action": action,
        "says": action.says(job.arguments),
        "total": bulk_jobs.total_of(job),
        "may_run": member.may(action.permission),
    }
    if job.state != BulkJob.State.PREVIEW:
        return render(request, "orders/bulk/job.html", context)
    found = bulk_jobs.preview(job, action)
    context |= {
        "preview": found,
        "cost": cost_of(job, action, found.changes),
        "run_label": f"{action.label}: {found.changes:,}",
        "run_tone": "danger" if action.tone == "danger" else "primary",
    }
    return render(request, "orders/bulk/preview.html", context)


@require_POST
@requires("orders.view")
def order_bulk_run(request: MemberRequest, pk: UUID) -> HttpResponse:
    """A second click finds it running or done, and leaves it."""
    job = bulk_jobs.get_job(request.member, pk)
    _permitted(request.member, job.action)
    bulk_jobs.run(member=request.member, job=job)
    return redirect("order-bulk-job", pk=job.pk)


@require_POST
@requires("orders.view")
def order_bulk_abort(request: MemberRequest, pk: UUID) -> HttpResponse:
    job = bulk_jobs.get_job(request.member, pk)
    _permitted(request.member, job.action)
    bulk_jobs.abort(member=request.member, job=job)
    return redirect("order-bulk-job", pk=job.pk)


def _permitted(member: Member, name: str) -> BulkAction:
    if not is_action(name):
        raise Http404(f"There is no command {name!r}.")
    action = action_named(name)
    if not member.may(action.permission):
        raise PermissionDenied(f"Your roles don't allow this: {action.label.lower()}. Ask an owner.")
    return action


def _selection(member: Member, form: QueryDict) -> tuple[OrderFilter | None, Sequence[UUID]]:
    if form.get("everything") != "1":
        return None, _uuids(form.getlist("selected"))
    wanted = read_filter(QueryDict(form.get("query", "")), viewer=member.user.pk)
    if wanted.problem:
        raise Invalid([("query", wanted.problem)])
    return wanted, ()


def _uuids(texts: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise Invalid([("selected", "The selection holds something that is no order. Reload the page.")]) from error


def _back(request: MemberRequest) -> str:
    """To where the command was given, as long as that is here."""
    wanted = request.POST.get("next") or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else "orders"


def _say(request: MemberRequest, job: BulkJob) -> None:
    says = action_named(job.action).label
    if job.changed:
        messages.success(request, f"{says}: done.")
    for skipped in job.skipped:
        messages.warning(request, f"{skipped['key']}: {skipped['reason']}")
