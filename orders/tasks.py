"""Long work over orders, on the `bulk` queue. A lost message is made good by the periodic pick-up."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from orders.importing import jobs


@shared_task
def carry_out_import(job_id: str) -> None:
    jobs.carry_out(UUID(job_id))


@shared_task
def pick_up_imports() -> None:
    jobs.pick_up_imports()
