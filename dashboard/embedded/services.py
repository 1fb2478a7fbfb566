"""What a `manage.py` command needs around it while it runs: servers and a secret key, named in the environment.

Beside a running `up` (or another command) it is a guest on those servers; alone it starts its own and stops them.
`DATABASE_URL` and `REDIS_URL` in the environment win.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dashboard.embedded.folders import StartError, VarFolder
from dashboard.embedded.run_file import Lock, Run, guest_of, read_run, wait_for_guests
from dashboard.embedded.secret_key import passing_secret_key, secret_key
from dashboard.embedded.servers import embedded_servers, running

_START_NOTHING = frozenset(
    {"check", "collectstatic", "diffsettings", "export_openapi_schema", "findstatic", "makemessages", "compilemessages"}
    | {"verify", "help", "version", "--help", "-h", "--version"}
)
_NOWHERE = {"DATABASE_URL": "postgresql:///none?host=/nonexistent", "REDIS_URL": "unix:///nonexistent?db=0"}
_PATIENCE = 30.0


def needs_servers(arguments: list[str]) -> bool:
    """`check --database` is the one form of a harmless command that asks the database."""
    if not arguments:
        return False
    return arguments[0] not in _START_NOTHING or "--database" in arguments


@contextmanager
def services(arguments: list[str]) -> Iterator[None]:
    var = VarFolder.from_environment()
    if not needs_servers(arguments):
        os.environ["SECRET_KEY"] = passing_secret_key(var)
        for name, value in _NOWHERE.items():
            os.environ.setdefault(name, value)
        yield
        return
    var.make()
    os.environ["SECRET_KEY"] = secret_key(var)
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield
        return
    with _own_or_borrowed(var, arguments[0]):
        yield


@contextmanager
def _own_or_borrowed(var: VarFolder, command: str) -> Iterator[None]:
    lock = Lock(var.lock)
    deadline = time.monotonic() + _PATIENCE
    while not lock.acquire():
        with guest_of(var.guests):
            run = read_run(var)
            if run and run.ready and _is_alive(run.pid):
                _export({"DATABASE_URL": run.database_url, "REDIS_URL": run.redis_url})
                yield
                return
        if time.monotonic() > deadline:
            raise StartError(f"Another command has held {var.lock} for {_PATIENCE:.0f} s and names no servers yet.")
        time.sleep(0.1)
    try:
        with _own(var, command):
            yield
    finally:
        lock.release()


@contextmanager
def _own(var: VarFolder, command: str) -> Iterator[None]:
    _leave_on_termination()
    with embedded_servers(var) as servers, running(servers) as pids:
        urls = (servers.database_url, servers.redis_url)
        run = Run(os.getpid(), command, str(servers.sockets), *urls, ready=True, pids=pids)
        run.write(var)
        _export(servers.environment)
        try:
            yield
        finally:
            var.run_file.unlink(missing_ok=True)
            wait_for_guests(var.guests)


def _export(urls: dict[str, str]) -> None:
    for name, value in urls.items():
        os.environ.setdefault(name, value)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _leave_on_termination() -> None:
    """As an exception, so that our servers stop and our folder goes."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
