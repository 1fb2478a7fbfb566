"""An import on its way from upload to done. Every step is one transaction with its event; workers do the long ones."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

from celery import current_app
from django.core.files import File
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone

from dashboard.accounts.models import Organization, User
from dashboard.events.recording import SYSTEM, Actor, Log, recording
from orders.errors import Conflict
from orders.importing.errors import PassInterruptedError, UnreadableFileError
from orders.importing.layout import Layout, detect
from orders.importing.mapping import check_mapping, mapping_for, remember_mapping
from orders.importing.passes import run_pass
from orders.importing.reading import read_headers
from orders.models import ImportJob

State = ImportJob.State
UNDER_WAY = (State.CHECKING, State.RUNNING)
# A pass that has not shown itself for this long is dead, and another worker goes on with it.
STALE = dt.timedelta(seconds=30)
logger = logging.getLogger(__name__)


def start_import(
    *, organization: Organization, actor: Actor, user: User | None, upload: File[bytes], name: str
) -> ImportJob:
    """Keep the file, tell its layout and guess its columns. Raises UnreadableFileError, and then keeps nothing."""
    job = ImportJob(
        organization=organization, created_by=user, file_name=Path(name).name[:255], request_id=actor.request_id
    )
    job.file.save(f"{uuid4()}{'.xlsx' if name.lower().endswith('.xlsx') else '.csv'}", upload, save=False)
    path = Path(job.file.path)
    try:
        layout = detect(path)
        job.layout, job.headers = layout.as_json(), read_headers(path, layout)
    except UnreadableFileError:
        path.unlink(missing_ok=True)
        raise
    job.file_digest = _digest(path)
    job.mapping = mapping_for(organization, job.headers)
    with recording(organization, actor) as log:
        job.save(force_insert=True)
        _say(log, job, "uploaded", {"bytes": path.stat().st_size, "sha256": job.file_digest})
    return job


def change_layout(
    *, organization: Organization, actor: Actor, job_id: UUID, encoding: str, delimiter: str
) -> ImportJob:
    """Read the same bytes another way; the columns are guessed anew."""
    with recording(organization, actor) as log:
        job = _locked(organization, job_id, State.UPLOADED, State.CHECKED, State.FAILED)
        layout = Layout(**{**job.layout, "encoding": encoding, "delimiter": delimiter})
        job.headers = read_headers(Path(job.file.path), layout)
        job.layout, job.mapping, job.state = layout.as_json(), mapping_for(organization, job.headers), State.UPLOADED
        job.save()
        _say(log, job, "layout_changed", {"encoding": encoding})
    return job


def begin_check(*, organization: Organization, actor: Actor, job_id: UUID, mapping: Mapping[str, str]) -> ImportJob:
    """The dry run, with this mapping, which is remembered for files with the same headers."""
    with recording(organization, actor) as log:
        job = _locked(organization, job_id, State.UPLOADED, State.CHECKED, State.FAILED)
        check_mapping(job.headers, mapping)
        remember_mapping(organization, job.headers, mapping)
        job.mapping = dict(mapping)
        _begin(job, State.CHECKING)
        _say(log, job, "check_started")
        log.after_commit(lambda: wake_import(job.pk))
    return job


def begin_run(*, organization: Organization, actor: Actor, job_id: UUID) -> ImportJob:
    """Write the orders. Pressed twice, it starts once."""
    with recording(organization, actor) as log:
        job = _locked(organization, job_id, State.CHECKED, State.RUNNING, State.DONE)
        if job.state == State.CHECKED:
            _begin(job, State.RUNNING)
            job.request_id = actor.request_id
            job.save(update_fields=["request_id"])
            _say(log, job, "started")
            log.after_commit(lambda: wake_import(job.pk))
    return job


def cancel_import(*, organization: Organization, actor: Actor, job_id: UUID) -> ImportJob:
    """What a running import has written stays written; nothing more follows."""
    with recording(organization, actor) as log:
        job = _locked(organization, job_id, *(state for state in State if state != State.DONE))
        if job.state != State.CANCELLED:
            job.state, job.finished_at = State.CANCELLED, timezone.now()
            job.save(update_fields=["state", "finished_at"])
            _say(log, job, "cancelled", {"orders_done": job.orders_done})
    return job


def carry_out(job_id: UUID) -> None:
    """Take a job through the pass it is in, unless another worker is at it. Workers, commands and pages call this."""
    if not _take(job_id):
        return
    job = ImportJob.objects.select_related("organization", "created_by").get(pk=job_id)
    actor = Actor.of_user(job.created_by, job.request_id) if job.created_by else SYSTEM
    try:
        _finish(run_pass(job, actor), actor)
    except PassInterruptedError as stopped:
        logger.info("%s", stopped)
    except UnreadableFileError as error:
        _fail(job, actor, str(error))
    except (OperationalError, InterfaceError):
        # The database went away: the pass goes on where it stood when the job is picked up again.
        raise
    except Exception:
        _fail(job, actor, "The import met an error of this server's own; what is shown as done is done.")
        raise


def pick_up_imports() -> list[UUID]:
    """Wake every pass whose worker died or whose message was lost."""
    found = list(ImportJob.objects.filter(_free(), state__in=UNDER_WAY).values_list("pk", flat=True))
    for pk in found:
        wake_import(pk)
    return found


def wake_import(job_id: UUID) -> None:
    """By name: the task calls this module's service, so this module can't import the task."""
    current_app.send_task("orders.tasks.carry_out_import", args=[str(job_id)])


def earlier_import(job: ImportJob) -> ImportJob | None:
    """The last time that this very file was imported, so that the page can say so."""
    same = ImportJob.objects.filter(
        organization_id=job.organization_id,
        file_digest=job.file_digest,
        state=State.DONE,
        created_at__lt=job.created_at,
    )
    return same.order_by("-created_at").first()


def _free() -> Q:
    return Q(heartbeat_at=None) | Q(heartbeat_at__lt=timezone.now() - STALE)


def _take(job_id: UUID) -> bool:
    """The rival is a redelivered or picked-up message for the same job: one of the two updates the row."""
    return ImportJob.objects.filter(_free(), pk=job_id, state__in=UNDER_WAY).update(heartbeat_at=timezone.now()) == 1


def _locked(organization: Organization, job_id: UUID, *allowed: str) -> ImportJob:
    job = ImportJob.objects.select_for_update().get(organization=organization, pk=job_id)
    if job.state not in allowed:
        raise Conflict(
            f"The import of {job.file_name} is {job.get_state_display().lower()}, so this can't be done now."
        )
    return job


def _begin(job: ImportJob, state: str) -> None:
    job.state, job.error, job.heartbeat_at, job.finished_at = state, "", None, None
    job.rows_done = job.orders_done = job.rejected_bytes = 0
    job.counts, job.rejected, job.first_orders = {}, [], []
    job.save()


def _finish(job: ImportJob, actor: Actor) -> None:
    with recording(job.organization, actor) as log:
        current = _locked(job.organization, job.pk, *State)
        if current.state != job.state:
            raise PassInterruptedError(f"Import {job.pk} was stopped.")
        done = job.state == State.RUNNING
        current.state, current.finished_at = (State.DONE, timezone.now()) if done else (State.CHECKED, None)
        current.save(update_fields=["state", "finished_at"])
        _say(log, current, "finished" if done else "checked", {"counts": current.counts})


def _fail(job: ImportJob, actor: Actor, error: str) -> None:
    with recording(job.organization, actor) as log:
        current = _locked(job.organization, job.pk, *State)
        if current.state in UNDER_WAY:
            current.state, current.error, current.finished_at = State.FAILED, error[:500], timezone.now()
            current.save(update_fields=["state", "error", "finished_at"])
            _say(log, current, "failed", {"orders_done": current.orders_done})


def _say(log: Log, job: ImportJob, what: str, data: Mapping[str, object] | None = None) -> None:
    log.record(f"import.{what}", subject=f"import:{job.pk}", data=data or {})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
