"""Writes answers down: a queue between the HTTP thread and a few threads that talk to the database.

So a drain's life does not depend on slow answers, and while the database is away answers wait here. What dies with
the process is found by the sweep.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from functools import cache

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from dashboard.upstream.adapters import Answer
from dashboard.upstream.departure import Departure
from dashboard.upstream.settle import is_over, settle, stamp
from dashboard.upstream.transport import Transport

# More than one, because one may wait for a subject that a long transaction has locked.
_THREADS = 3
_log = logging.getLogger(__name__)
_Came = tuple[Departure, Answer]


class Recorder:
    def __init__(self) -> None:
        self._answers: queue.Queue[_Came] = queue.Queue()
        self._stamped: queue.Queue[_Came] = queue.Queue()
        self._transport = Transport(lambda departure, answer: self._answers.put((departure, answer)))
        threading.Thread(target=self._stamp, name="upstream-stamp", daemon=True).start()
        for number in range(_THREADS):
            threading.Thread(target=self._run, name=f"upstream-recorder-{number}", daemon=True).start()

    def send(self, departure: Departure) -> None:
        self._transport.send(departure)

    def finish(self, seconds: float) -> bool:
        """Lets answers that are due come, and writes down what has come; for a process that is about to end."""
        deadline = time.monotonic() + seconds
        idle = self._transport.wait_until_idle(seconds)
        while self._unfinished() and time.monotonic() < deadline + seconds:
            time.sleep(0.01)
        return idle and not self._unfinished()

    def _unfinished(self) -> int:
        return self._answers.unfinished_tasks + self._stamped.unfinished_tasks

    def _stamp(self) -> None:
        """Slots are free a window after their answer came, not after its consequences are written down."""
        while True:
            came = [self._answers.get()]
            while not self._answers.empty():
                came.append(self._answers.get())
            try:
                close_old_connections()
                stamp([departure.attempt_id for departure, answer in came if is_over(answer)])
            except (DatabaseError, InterfaceError):
                connection.close()  # settling them stamps them, later
            for one in came:
                self._stamped.put(one)
                self._answers.task_done()

    def _run(self) -> None:
        while True:
            departure, answer = self._stamped.get()
            try:
                self._write_down(departure, answer)
            except Exception:  # noqa: BLE001 - this thread must outlive any answer; the sweep settles the attempt
                _log.exception("The answer to attempt %s could not be written down", departure.attempt_id)
            finally:
                self._stamped.task_done()

    def _write_down(self, departure: Departure, answer: Answer) -> None:
        """Tried until its deadline is long past: by then the sweep has settled it."""
        until = departure.claimed + departure.timeout + 60.0
        while True:
            try:
                close_old_connections()
                settle(attempt_id=departure.attempt_id, answer=answer)
            except (DatabaseError, InterfaceError) as error:
                if time.monotonic() > until:
                    raise
                _log.warning("Attempt %s waits for the database: %s", departure.attempt_id, error)
                connection.close()
                time.sleep(0.1)
            else:
                return


@cache
def recorder() -> Recorder:
    """One per process, made by the first drain in it: threads don't survive a fork."""
    return Recorder()


def warm_up() -> None:
    """In a process that will drain, before the first claim."""
    recorder()


def finish(seconds: float = 3.0) -> bool:
    return recorder.cache_info().currsize == 0 or recorder().finish(seconds)
