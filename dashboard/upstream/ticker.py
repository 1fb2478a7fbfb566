"""Finds what wake-ups missed: a thread in every worker of the prompt queue that looks four times a second.

Nothing depends on the broker: messages may be lost with it, and the next tick sends new ones.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from dashboard.upstream import drain, recorder
from dashboard.upstream.clock import NOW
from dashboard.upstream.sweep import overdue
from dashboard.upstream.wake import enqueue

TICK_SECONDS = 0.25
_SWEEP_SECONDS = 1.0
_log = logging.getLogger(__name__)

# Longest waiting first, and a little early: the drain waits for the exact moment itself. Several tickers look at once:
# the conditional update lets one of them start the drain.
_DUE = f"""
UPDATE upstream_budget AS b SET drained_until = {NOW} + interval '1 second'
FROM (
    SELECT id FROM upstream_budget AS w
    WHERE coalesce(next_at, '-infinity') < {NOW} + interval '0.4 seconds'
        AND coalesce(drained_until, '-infinity') < {NOW}
        AND EXISTS (SELECT FROM upstream_connection AS c JOIN upstream_delivery AS d ON d.connection_id = c.id
            WHERE c.budget_id = w.id AND c.state = 'active' AND d.state IN ('waiting', 'retrying'))
    ORDER BY next_at NULLS FIRST LIMIT 20
    FOR UPDATE SKIP LOCKED) AS due
WHERE b.id = due.id
RETURNING b.id
"""  # noqa: S608 - our own constant


def due_budgets() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        return [row[0] for row in cursor.fetchall()]


def wake_due() -> None:
    for budget_id in due_budgets():
        enqueue("dashboard.upstream.tasks.drain", budget_id)


class Ticker(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="upstream-ticker", daemon=True)
        self._ended = threading.Event()
        self._swept = 0.0

    def stop(self) -> None:
        self._ended.set()

    def run(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            try:
                close_old_connections()
                self.tick()
            except (DatabaseError, InterfaceError) as error:
                _log.warning("The ticker waits for the database: %s", error)
                connection.close()

    def tick(self) -> None:
        wake_due()
        if time.monotonic() - self._swept >= _SWEEP_SECONDS:
            self._swept = time.monotonic()
            if overdue():
                enqueue("dashboard.upstream.tasks.sweep")


_tickers: list[Ticker] = []


@worker_ready.connect  # type: ignore[untyped-decorator] # Celery has no types
def start_ticking(sender: Any = None, **_: object) -> None:
    """In workers of the prompt queue only: the others may be too busy to drain."""
    queues = getattr(getattr(sender, "task_consumer", None), "queues", ())
    if any(queue.name == "prompt" for queue in queues):
        recorder.warm_up()
        _tickers.append(Ticker())
        _tickers[-1].start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator] # Celery has no types
def stop_ticking(**_: object) -> None:
    """Drains end after their present round; what was answered is written down before the process goes."""
    drain.stopping.set()
    for ticker in _tickers:
        ticker.stop()
    threading.Thread(target=recorder.finish, name="upstream-finish").start()
