"""A command over many orders, in four steps: freeze and count the selection, show what will happen, run it, report.

The selection is frozen when the command is given: what matches the filter later is not touched. Chunks commit together
with `done`, so a killed run goes on where it stopped, and two runs of one job take turns and never do a chunk twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Count, Func, Q, QuerySet, UUIDField, Value, When
from django.http import Http404
from django.utils import timezone

from dashboard.accounts.access import Member, member_of
from dashboard.events.recording import Actor, recording
from dashboard.upstream.wake import enqueue
from orders.bulk_actions import Applied, BulkAction
from orders.bulk_catalog import action_named
from orders.errors import Invalid
from orders.models import BulkJob, Order
from orders.order_filter import OrderFilter
from orders.order_rows import OrderRow, with_row_facts
from orders.queries import matching

CHUNK = 100
AT_ONCE = 100  # up to this many are done before the page answers
MOST_REASONS = 1_000  # kept for the report
STALE = timedelta(seconds=30)
State = BulkJob.State


@dataclass(frozen=True)
class Preview:
    total: int
    changes: int
    skips: Sequence[tuple[str, int]]  # reason, how many
    rows: Sequence[tuple[OrderRow, str]]  # the first ones with the reason that leaves them out, or ""


def get_job(member: Member, pk: UUID) -> BulkJob:
    """Whoever may see orders may see what was done to them."""
    job = BulkJob.objects.filter(organization=member.organization, pk=pk).defer("order_ids").first()
    if job is None:
        raise Http404("There is no such command.")
    return job


def freeze(
    *, member: Member, action: BulkAction, arguments: dict[str, Any], wanted: OrderFilter | None, ids: Sequence[UUID]
) -> BulkJob:
    """Everything that `wanted` matches now, or these ids. Ids of other organizations fall away."""
    orders = Order.objects.filter(organization=member.organization, pk__in=ids)
    if wanted is not None:
        orders = matching(member.organization, wanted)
    job = BulkJob.objects.create(
        organization=member.organization,
        created_by=member.user,
        action=action.name,
        arguments=arguments,
        query=wanted.query[:2000] if wanted else "",
        order_ids=[],
    )
    # In the database: a million ids never travel here and back.
    BulkJob.objects.filter(pk=job.pk).update(order_ids=ArraySubquery(orders.order_by("pk").values("pk")))
    if not total_of(job):
        job.delete()
        raise Invalid([("selected", "No order is selected. Check some rows, or choose everything that matches.")])
    return job


def total_of(job: BulkJob) -> int:
    counted = BulkJob.objects.filter(pk=job.pk).values_list(
        Func("order_ids", function="cardinality", output_field=None), flat=True
    )
    return int(counted.get())


def selected(job: BulkJob) -> QuerySet[Order]:
    frozen = BulkJob.objects.filter(pk=job.pk).values(
        one=Func("order_ids", function="unnest", output_field=UUIDField())
    )
    return Order.objects.filter(organization=job.organization_id, pk__in=frozen)


def reason_left_out(job: BulkJob, action: BulkAction) -> Case:
    whens = [When(condition, then=Value(reason)) for reason, condition in action.skips(job.organization, job.arguments)]
    return Case(*whens, default=Value(""), output_field=CharField())


def preview(job: BulkJob, action: BulkAction) -> Preview:
    reason = reason_left_out(job, action)
    counted = selected(job).annotate(why=reason).order_by().values("why").annotate(n=Count("pk"))
    counts = {each["why"]: each["n"] for each in counted}
    first = dict(selected(job).order_by("-number").annotate(why=reason).values_list("pk", "why")[:10])
    rows = with_row_facts(Order.objects.filter(pk__in=first).order_by("-number"))
    skips = sorted(((why, n) for why, n in counts.items() if why), key=lambda skip: -skip[1])
    return Preview(sum(counts.values()), counts.get("", 0), skips, [(row, first[row.pk]) for row in rows])


def run(*, member: Member, job: BulkJob) -> BulkJob:
    """Starts it once; a job that runs or is over is left as it is. The rival is a second click."""
    now = timezone.now()
    started = BulkJob.objects.filter(pk=job.pk, state=State.PREVIEW).update(state=State.RUNNING, heartbeat_at=now)
    if started and total_of(job) <= AT_ONCE:
        run_chunk(job.pk, member)
    elif started:
        enqueue("orders.tasks.carry_out_bulk_job", str(job.pk))
    return get_job(member, job.pk)


def abort(*, member: Member, job: BulkJob) -> BulkJob:
    """What is done stays done. The rival is the run: it looks at the state under the row's lock before every chunk."""
    over = {"state": State.ABORTED, "finished_at": timezone.now()}
    BulkJob.objects.filter(pk=job.pk, state__in=[State.PREVIEW, State.RUNNING]).update(**over)
    return get_job(member, job.pk)


def carry_out(job_id: UUID) -> None:
    """All chunks, each for the member as their roles are now."""
    while True:
        job = BulkJob.objects.defer("order_ids").filter(pk=job_id).select_related("organization", "created_by").first()
        if job is None or job.state != State.RUNNING:
            return
        member = member_of(job.created_by, job.organization_id) if job.created_by else None
        if member is None or not member.may(action_named(job.action).permission):
            BulkJob.objects.filter(pk=job_id).update(state=State.ABORTED, finished_at=timezone.now())
            return
        run_chunk(job_id, member)


def stale_jobs() -> list[UUID]:
    silent = Q(heartbeat_at__lt=timezone.now() - STALE)
    return list(BulkJob.objects.filter(silent, state=State.RUNNING).values_list("pk", flat=True))


def run_chunk(job_id: UUID, member: Member) -> None:
    with recording(member.organization, Actor.of_user(member.user)) as log:
        job = BulkJob.objects.defer("order_ids").select_for_update().get(pk=job_id, organization=member.organization)
        if job.state != State.RUNNING:
            return
        action = action_named(job.action)
        ids = _next_ids(job)
        left_out, todo = _split(job, action, ids)
        applied = action.apply(member.organization, log.actor, todo, job.arguments) if todo else Applied(0)
        _count(job, ids, applied, left_out)
        if len(ids) < CHUNK or job.done >= total_of(job):
            job.state, job.finished_at = State.DONE, job.heartbeat_at
            data = {"action": job.action, "orders": job.done, "changed": job.changed}
            log.record("bulk_job.finished", subject=f"bulk_job:{job.pk}", data=data)
        job.save(update_fields=["done", "changed", "skipped", "state", "heartbeat_at", "finished_at"])


def _next_ids(job: BulkJob) -> list[UUID]:
    piece = f"order_ids__{job.done}_{job.done + CHUNK}"
    return list(BulkJob.objects.filter(pk=job.pk).values_list(piece, flat=True).get() or [])


def _split(job: BulkJob, action: BulkAction, ids: Sequence[UUID]) -> tuple[list[tuple[UUID, str]], list[UUID]]:
    """Locks the orders first, by pk, as every writer does; what is left out is decided under that lock."""
    orders = Order.objects.filter(organization=job.organization_id, pk__in=ids)
    locked = list(orders.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    reasons = dict(orders.annotate(why=reason_left_out(job, action)).values_list("pk", "why"))
    return [(pk, reasons[pk]) for pk in locked if reasons[pk]], [pk for pk in locked if not reasons[pk]]


def _count(job: BulkJob, ids: Sequence[UUID], applied: Applied, left_out: Sequence[tuple[UUID, str]]) -> None:
    skipped = [*left_out, *applied.failed]
    keys = dict(Order.objects.filter(pk__in=[pk for pk, _ in skipped]).values_list("pk", "order_key"))
    entries = [{"order": str(pk), "key": keys[pk], "reason": reason} for pk, reason in skipped]
    job.skipped = [*job.skipped, *entries][:MOST_REASONS]
    job.done += len(ids)
    job.changed += applied.changed
    job.heartbeat_at = timezone.now()
