"""One child process: its own session, dead when we are, stopped politely and then not, its last lines at hand.

Its own session keeps Ctrl-C in the terminal from reaching PostgreSQL before the programs that still use it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from dashboard.embedded.identity import Identity, Unchanged

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_LOG_LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    identity: Identity = field(default_factory=Unchanged)
    stop_signal: signal.Signals = signal.SIGTERM
    # What the system sends when we vanish; the databases get a chance to close their files.
    orphan_signal: signal.Signals = signal.SIGKILL
    grace: float = 5.0
    niceness: int = 0
    pass_fds: tuple[int, ...] = ()


class Child:
    def __init__(self, program: Program, *, output: Path | None = None) -> None:
        """Starts it. Call this from the main thread: the death signal follows the thread that forked."""
        self.program = program
        self._popen = _launch(program, output)
        self.pid = self._popen.pid

    def is_alive(self) -> bool:
        if self._popen.returncode is not None:
            return False
        if _has_exited(self.pid):
            # Before the leader is reaped, because afterwards its group id may belong to someone else.
            self._signal_group(signal.SIGKILL)
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        return self._popen.returncode

    def ask_to_stop(self) -> None:
        if self.is_alive():
            self._popen.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        if self.is_alive():
            self._signal_group(signal.SIGKILL)
            self._popen.wait()

    def stop(self) -> None:
        self.ask_to_stop()
        wait_for_end([self], self.program.grace)

    def last_lines(self, count: int = 15) -> str:
        return last_lines(self.program.log, count)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def wait_for_end(children: list[Child], grace: float) -> None:
    """Until all have ended by themselves; whatever is left after the grace is killed with its group."""
    deadline = time.monotonic() + grace
    while any(child.is_alive() for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    for child in children:
        child.kill()


def last_lines(log: Path, count: int) -> str:
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    return ""


def _launch(program: Program, output: Path | None) -> subprocess.Popen[bytes]:
    _rotate(program.log)
    with program.log.open("ab") as log, contextlib.ExitStack() as stack:
        stdout = stack.enter_context(_private(output)) if output else log
        return subprocess.Popen(
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=log,
            cwd=program.cwd,
            env={**os.environ, **program.environment},
            start_new_session=True,
            preexec_fn=_before_exec(program),  # noqa: PLW1509 - we fork from a process without threads
            pass_fds=program.pass_fds,
        )


def _private(path: Path) -> BinaryIO:
    return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def _before_exec(program: Program) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if program.niceness:
            os.nice(program.niceness)
        program.identity.enter()
        # After the change of identity, which clears it.
        die_with(parent, program.orphan_signal)

    return prepare


def die_with(parent: int, number: signal.Signals) -> None:
    if sys.platform != "linux":
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the request was made


def _has_exited(pid: int) -> bool:
    if not hasattr(os, "waitid"):
        return False
    with contextlib.suppress(ChildProcessError):
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return False
