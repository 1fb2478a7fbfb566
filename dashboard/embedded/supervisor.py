"""Keeps a list of services running, in order, until a signal or a hopeless child ends it.

It imports neither Django nor Celery: it stays small, starts at once, and survives whatever they do.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from dashboard.embedded.folders import StartError
from dashboard.embedded.process import Child, Program, wait_for_end
from dashboard.embedded.servers import Service

_DEATHS_ALLOWED = 5
_WITHIN = 60.0
_FIRST_DELAY = 0.1
_LONGEST_DELAY = 5.0
_PATIENCE = 60.0


class StopRequested(Exception):
    """A signal asked us to stop; nothing is wrong."""


@dataclass
class Watched:
    """One service over all its lives."""

    service: Service
    child: Child | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=_DEATHS_ALLOWED))
    due: float | None = None

    def start(self) -> None:
        self.service.before_start()
        self.child = Child(self.service.program)
        self.due = None

    def is_alive(self) -> bool:
        return self.child is not None and self.child.is_alive()

    def is_ready(self) -> bool:
        return self.child is not None and self.is_alive() and self.service.is_ready(self.child)

    def note_death(self, now: float) -> None:
        self.deaths.append(now)
        if len(self.deaths) == _DEATHS_ALLOWED and now - self.deaths[0] <= _WITHIN:
            said = self.child.last_lines() if self.child else ""
            name = self.service.program.name
            raise StartError(f"{name} died {_DEATHS_ALLOWED} times within a minute; its last lines were:\n{said}")
        recent = sum(1 for moment in self.deaths if now - moment <= _WITHIN)
        self.due = now + min(_FIRST_DELAY * 2 ** (recent - 1), _LONGEST_DELAY)


class Supervisor:
    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self.on_change: Callable[[dict[str, int]], None] = lambda _: None
        self._watched: list[Watched] = []
        self._steps: list[Child] = []
        self._stop_requested = False
        self._wakeup, self._bell = socket.socketpair()
        for end in (self._wakeup, self._bell):
            end.setblocking(False)

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """The handlers only set a flag; the system's byte on the bell ends the sleep of the loop."""
        stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.getsignal(number) for number in (*stops, signal.SIGCHLD)}
        for number in stops:
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        old_bell = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(old_bell)
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, *services: Service) -> None:
        """Starts them together and returns when all are ready."""
        fresh = [Watched(service) for service in services]
        self._watched += fresh
        for watched in fresh:
            watched.start()
        self.report()
        self._keep_until(lambda: all(watched.is_ready() for watched in fresh), fresh[0].service.program.name)

    def run(self, *programs: Program, output: Path | None = None) -> None:
        """Runs them beside each other to their end; the failure of one is ours."""
        self._steps = steps = [Child(program, output=output) for program in programs]
        names = " and ".join(program.name for program in programs)
        self._keep_until(lambda: not any(step.is_alive() for step in steps), names, patience=600.0)
        for step in steps:
            if step.returncode:
                raise StartError(f"{step.program.name} failed (exit {step.returncode}):\n{step.last_lines()}")

    def keep(self) -> None:
        """Returns only by an exception: a request to stop, or a child that is beyond help."""
        while True:
            self._tick(1.0)

    def stop(self) -> None:
        """In reverse order; services that were started together are asked together."""
        for step in self._steps:
            step.stop()
        for tier in _tiers(self._watched):
            children = [watched.child for watched in tier if watched.child]
            for child in children:
                child.ask_to_stop()
            wait_for_end(children, max(child.program.grace for child in children) if children else 0)

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True

    def _keep_until(self, done: Callable[[], bool], name: str, patience: float = _PATIENCE) -> None:
        deadline = time.monotonic() + patience
        while not done():
            self._tick(0.02)
            if time.monotonic() > deadline:
                raise StartError(f"{name} was not ready within {patience:.0f} s; see its file in the log folder.")

    def _tick(self, longest: float) -> None:
        self._sleep(longest)
        if self._stop_requested:
            raise StopRequested
        for watched in self._watched:
            self._revive(watched)

    def _sleep(self, longest: float) -> None:
        due = [watched.due - time.monotonic() for watched in self._watched if watched.due]
        self._wakeup.settimeout(max(0.001, min([longest, *due])))
        with contextlib.suppress(TimeoutError, BlockingIOError):
            self._wakeup.recv(4096)

    def _revive(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.due is None and not watched.is_alive():
            watched.note_death(now)
            self._say(f"{watched.service.program.name} ended; starting it again.")
        if watched.due is not None and now >= watched.due:
            watched.start()
            self.report()

    def report(self) -> None:
        """Tells the pids of all services, now and after each change."""
        self.on_change({w.service.program.name: w.child.pid for w in self._watched if w.child})


def _tiers(watched: list[Watched]) -> list[list[Watched]]:
    """The servers one by one and last, everything that uses them together and first."""
    servers = [[each] for each in watched if each.service.is_server]
    return [[each for each in watched if not each.service.is_server], *reversed(servers)]
