"""Long work over orders, on the `bulk` queue. A lost message is made good by the periodic pick-up."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from dashboard.upstream.wake import enqueue
from orders import bulk_jobs
from orders.importing import jobs


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def carry_out_import(job_id: str) -> None:
    jobs.carry_out(UUID(job_id))


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def pick_up_imports() -> None:
    jobs.pick_up_imports()


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def carry_out_bulk_job(job_id: str) -> None:
    bulk_jobs.carry_out(UUID(job_id))


@shared_task  # type: ignore[untyped-decorator]  # Celery has no types
def pick_up_bulk_jobs() -> None:
    """Two runs of one job take turns, so one too many does no harm."""
    for job_id in bulk_jobs.stale_jobs():
        enqueue("orders.tasks.carry_out_bulk_job", str(job_id))
