"""Who runs on this `VAR`, and where its servers listen: `run.json`, and two locks that die with their holders."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from dashboard.embedded.folders import VarFolder


@dataclass
class Run:
    pid: int
    command: str
    sockets: str
    database_url: str
    redis_url: str
    ready: bool = False
    url: str | None = None
    pids: dict[str, int] = field(default_factory=dict)

    def write(self, var: VarFolder) -> None:
        unfinished = var.run_file.with_suffix(".new")
        with open(unfinished, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump(asdict(self), file, indent=1)
        unfinished.replace(var.run_file)


def read_run(var: VarFolder) -> Run | None:
    try:
        return Run(**json.loads(var.run_file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


class Lock:
    """The right to start servers on this `VAR`. The system releases it with the process, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def acquire(self, patience: float = 0.0) -> bool:
        file = self._path.open("a")
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < deadline:
                    time.sleep(0.05)
                    continue
                file.close()
                return False
            self._file = file
            return True

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


@contextlib.contextmanager
def guest_of(path: Path) -> Iterator[None]:
    """Held by a command that uses servers which another command started."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def wait_for_guests(path: Path) -> None:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Done; waiting for another command that still uses these servers.", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
