"""PostgreSQL and Redis as one thing: what is to be started, and the URLs under which the rest finds it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.embedded import postgres, redis
from dashboard.embedded.folders import StartError, VarFolder, make_socket_folder, remove_socket_folder
from dashboard.embedded.process import Child, Program
from dashboard.embedded.run_file import read_run


def _nothing() -> None:
    return None


def _at_once(_: Child) -> bool:
    return True


@dataclass(frozen=True)
class Service:
    """A program that stays: how to prepare a start, and how to see that it is up."""

    program: Program
    is_ready: Callable[[Child], bool] = _at_once
    before_start: Callable[[], None] = _nothing
    # Others depend on it, so it is stopped after them.
    is_server: bool = False


@dataclass(frozen=True)
class Servers:
    sockets: Path
    services: tuple[Service, ...]
    database_url: str
    redis_url: str

    @property
    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextmanager
def embedded_servers(var: VarFolder, *, durable: bool = True) -> Iterator[Servers]:
    """The servers that are ours to start: none where `DATABASE_URL` or `REDIS_URL` names one already.

    The caller holds the lock on `var`, so whatever an earlier run left behind is nobody's.
    """
    forget_earlier_run(var)
    sockets = make_socket_folder()
    try:
        database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        services = []
        if not database_url:
            services.append(_postgres(var, sockets, durable=durable))
        if not redis_url:
            services.append(_redis(var, sockets, durable=durable))
        yield Servers(sockets, tuple(services), database_url or postgres.url(sockets), redis_url or redis.url(sockets))
    finally:
        remove_socket_folder(sockets)


@contextmanager
def running(servers: Servers) -> Iterator[dict[str, int]]:
    """Starts them, and stops them in reverse order; for commands, which need no restarts. Yields the pids."""
    children: list[Child] = []
    try:
        for service in servers.services:
            service.before_start()
            children.append(Child(service.program))
            _wait_until_ready(service, children[-1])
        yield {child.program.name: child.pid for child in children}
    finally:
        for child in reversed(children):
            child.stop()


def forget_earlier_run(var: VarFolder) -> None:
    earlier = read_run(var)
    if earlier:
        remove_socket_folder(Path(earlier.sockets))
    var.run_file.unlink(missing_ok=True)


def _postgres(var: VarFolder, sockets: Path, *, durable: bool) -> Service:
    home = postgres.settle(var)
    postgres.clear_leftover(home)
    postgres.initialise(home, durable=durable)
    return Service(
        postgres.program(home, sockets=sockets, log=var.log("postgres"), durable=durable),
        is_ready=lambda child: postgres.is_ready(home, child.pid),
        before_start=lambda: postgres.clear_leftover(home),
        is_server=True,
    )


def _redis(var: VarFolder, sockets: Path, *, durable: bool) -> Service:
    return Service(
        redis.program(var, sockets=sockets, log=var.log("redis"), durable=durable),
        is_ready=lambda _: redis.is_ready(sockets),
        is_server=True,
    )


def _wait_until_ready(service: Service, child: Child, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not service.is_ready(child):
        if not child.is_alive():
            raise StartError(f"{service.program.name} ended while it started:\n{child.last_lines()}")
        if time.monotonic() > deadline:
            raise StartError(f"{service.program.name} did not get ready in {patience:.0f} s:\n{child.last_lines()}")
        time.sleep(0.01)
