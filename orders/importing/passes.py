"""One pass over a job's file: the dry one that only counts what would happen, and the real one.

Both go through the file in the same sequence of orders, in chunks that commit together with the job's progress. A pass
whose process died is begun again: it reads the file from the start and passes over the orders that are done, so nothing
is written twice. Two processes at one pass can't both go on: a chunk commits only onto the progress it was read for.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from dashboard.events.recording import Actor, recording
from orders.importing.assembling import Draft, draft
from orders.importing.collecting import Table, groups, tally
from orders.importing.errors import PassInterruptedError
from orders.importing.layout import Layout
from orders.importing.reading import Row, read_rows
from orders.importing.rejects import RejectedRows
from orders.importing.writing import Outcome, try_drafts, write_drafts
from orders.models import ImportJob

CHUNK_ORDERS = 100
CHUNK_PRODUCTIONS = 10_000
SHOWN_REJECTIONS = 1_000
SHOWN_ORDERS = 50
BEAT_SECONDS = 5.0


@dataclass(frozen=True)
class Pass:
    job_id: UUID
    organization_id: UUID
    state: str  # the pass ends when the job leaves it
    actor: Actor
    dry: bool


def run_pass(job: ImportJob, actor: Actor) -> ImportJob:
    """Take the job's file through the pass that its state names, from where it stood; returns the job as it then is."""
    now = Pass(job.pk, job.organization_id, job.state, actor, dry=job.state == ImportJob.State.CHECKING)
    path, layout = Path(job.file.path), Layout(**job.layout)
    table = Table.of(job.headers, job.mapping, padded=layout.format == "xlsx")
    counted = tally(_beating(_body(path, layout), now), table)
    ImportJob.objects.filter(pk=job.pk, state=job.state).update(rows_total=counted.rows)
    drafts = (draft(group, table) for group in groups(_beating(_body(path, layout), now), table, counted))
    with RejectedRows(path, job.headers, job.rejected_bytes) as rejects:
        for chunk in chunks(_after(drafts, job.orders_done)):
            job = commit_chunk(now, job, chunk, rejects, table)
    return job


def chunks(drafts: Iterator[Draft]) -> Iterator[list[Draft]]:
    """By number and by size: an order of 20,000 productions is a chunk of its own."""
    chunk, productions = list[Draft](), 0
    for made in drafts:
        size = sum(item.get("quantity", 1) for item in made.fields.get("order_items", ()))
        if chunk and (len(chunk) == CHUNK_ORDERS or productions + size > CHUNK_PRODUCTIONS):
            yield chunk
            chunk, productions = [], 0
        chunk.append(made)
        productions += size
    if chunk:
        yield chunk


def commit_chunk(now: Pass, before: ImportJob, chunk: list[Draft], rejects: RejectedRows, table: Table) -> ImportJob:
    """Write a chunk's orders and the job's progress in one transaction, or nothing of either."""
    organization = before.organization
    with recording(organization, now.actor):
        job = ImportJob.objects.select_for_update().get(pk=now.job_id, organization=organization)
        if job.state != now.state or job.orders_done != before.orders_done:
            raise PassInterruptedError(f"Import {job.pk} was stopped or is being run by another worker.")
        write = try_drafts if now.dry else write_drafts
        outcomes = write(organization=organization, actor=now.actor, drafts=chunk, table=table)
        shown = len(job.rejected)
        _count(job, outcomes, rejects)
        # The list of rejections may be long: it is written only while it grows.
        job.save(update_fields=PROGRESS if len(job.rejected) == shown else (*PROGRESS, "rejected"))
    return job


PROGRESS = ("rows_done", "orders_done", "counts", "rejected_bytes", "first_orders", "heartbeat_at")


def _count(job: ImportJob, outcomes: Sequence[Outcome], rejects: RejectedRows) -> None:
    for outcome in outcomes:
        job.counts[outcome.result] = job.counts.get(outcome.result, 0) + 1
        rejected = [{"row": found.row, "error": found.error} for found in outcome.draft.rejected]
        job.rejected += rejected[: max(0, SHOWN_REJECTIONS - len(job.rejected))]
        rejects.add(outcome.draft)
        job.rows_done += len(outcome.draft.rows)
    written = [outcome.order_id for outcome in outcomes if outcome.order_id and outcome.result != "unchanged"]
    job.first_orders += written[: max(0, SHOWN_ORDERS - len(job.first_orders))]
    job.orders_done += len(outcomes)
    # On disk before the row says so: a pass that goes on cuts off only what was never committed.
    job.rejected_bytes = rejects.flush()
    job.heartbeat_at = timezone.now()


def _body(path: Path, layout: Layout) -> Iterator[Row]:
    return itertools.islice(read_rows(path, layout), 1, None)


def _after(drafts: Iterator[Draft], done: int) -> Iterator[Draft]:
    return itertools.islice(drafts, done, None)


def _beating(rows: Iterator[Row], now: Pass) -> Iterator[Row]:
    """Show that the pass lives while it only reads, and stop when the job was cancelled."""
    due = time.monotonic() + BEAT_SECONDS
    for row in rows:
        if time.monotonic() > due:
            if not ImportJob.objects.filter(pk=now.job_id, state=now.state).update(heartbeat_at=timezone.now()):
                raise PassInterruptedError(f"Import {now.job_id} was stopped.")
            due = time.monotonic() + BEAT_SECONDS
        yield row
