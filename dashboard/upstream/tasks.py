"""What workers run. Losing any of these messages costs a quarter of a second: the ticker finds what is left to do."""

from __future__ import annotations

from celery import shared_task

from dashboard.upstream import ticker
from dashboard.upstream.drain import drain_on
from dashboard.upstream.sweep import sweep as sweep_overdue


@shared_task(ignore_result=True, acks_late=False, time_limit=60, expires=10)  # type: ignore[untyped-decorator] # Celery has no types
def drain(budget_id: int, *, once: bool = False) -> None:
    drain_on(budget_id, once=once)


@shared_task(ignore_result=True, acks_late=False, time_limit=60, expires=10)  # type: ignore[untyped-decorator] # Celery has no types
def wake_due() -> None:
    """From beat: a second net below the tickers."""
    ticker.wake_due()


@shared_task(ignore_result=True, acks_late=False, time_limit=60, expires=10)  # type: ignore[untyped-decorator] # Celery has no types
def sweep() -> None:
    sweep_overdue()
