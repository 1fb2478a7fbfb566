"""Wakes a budget's drain after a commit. Losing the wake-up costs a quarter of a second: the ticker looks too."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from dashboard.celery import app
from dashboard.upstream.clock import NOW

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0  # while the broker is away, commits must not each wait for it
_silent_until = 0.0
# Drains of this process that sleep until a slot is free.
_naps: defaultdict[int, threading.Event] = defaultdict(threading.Event)

_MARK = f"""
UPDATE upstream_budget SET next_at = NULL WHERE id = %s
RETURNING coalesce(drained_until, '-infinity') < {NOW}
"""  # noqa: S608 - our own constant


def wake(budget_id: int, *, urgent: bool = False) -> None:
    """A drain at work finds new work by itself, within a tenth of a second; something urgent gets its own at once."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [budget_id])
        row = cursor.fetchone()
    _naps[budget_id].set()
    if row and row[0]:
        enqueue("dashboard.upstream.tasks.drain", budget_id)
    elif urgent:
        enqueue("dashboard.upstream.tasks.drain", budget_id, once=True)


def waking(budget_id: int, *, urgent: bool = False) -> Callable[[], None]:
    return lambda: wake(budget_id, urgent=urgent)


_BRING_FORWARD = "UPDATE upstream_budget SET next_at = %s WHERE id = %s AND next_at > %s"


def bringing_forward(budget_id: int, at: datetime) -> Callable[[], None]:
    """An answer came before its deadline, so its slot is free earlier than the last claim could know."""

    def bring_forward() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BRING_FORWARD, [at, budget_id, at])

    return bring_forward


def nap(budget_id: int, seconds: float) -> None:
    """Sleeps, unless something in this process has something for the drain to do."""
    event = _naps[budget_id]
    event.wait(seconds)
    event.clear()


def enqueue(task: str, *arguments: object, **options: object) -> bool:
    """By name: services stand below tasks. False when the broker is away; whoever depends on it looks again later."""
    global _silent_until  # noqa: PLW0603 - one broker per process
    if time.monotonic() < _silent_until:
        return False
    try:
        app.send_task(task, args=arguments, kwargs=options, retry=False)
    except (
        app.connection_for_write().connection_errors + app.connection_for_write().channel_errors + (OSError,)
    ) as error:
        _silent_until = time.monotonic() + _PAUSE_SECONDS
        _log.warning("The broker did not take %s (%s); the ticker makes up for it.", task, error)
        return False
    return True
