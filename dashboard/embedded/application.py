"""The application's own processes: the web server on a socket that outlives it, two workers and beat."""

from __future__ import annotations

import errno
import os
import socket
import sys
from dataclasses import replace

from dashboard.embedded.folders import PROJECT, StartError, VarFolder
from dashboard.embedded.process import Child, Program
from dashboard.embedded.servers import Servers, Service

HOST = "127.0.0.1"
_CELERY = ("-A", "dashboard.celery:app")
_QUIET = ("--loglevel", "WARNING")


def configured_port() -> int:
    given = os.environ.get("PORT") or "8000"
    if given.isdecimal() and 0 < int(given) < 65536:
        return int(given)
    raise StartError(f"PORT is {given!r}; set it to a number from 1 to 65535.")


def listen(port: int) -> socket.socket:
    """Bound here and handed down: while a dead web server is replaced, callers wait instead of being refused."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(f"Port {port} is taken by another program; stop that one or set PORT.") from error
        raise StartError(f"Port {port} can't be opened ({error.strerror}); set PORT to another one.") from error
    listener.listen(1024)
    return listener


def web(var: VarFolder, servers: Servers, listener: socket.socket) -> Service:
    descriptor = listener.fileno()
    options = ("--fd", str(descriptor), "--verbosity", "0", "dashboard.asgi:application")
    program = replace(_python(var, servers, "daphne", "daphne", *options), pass_fds=(descriptor,))
    return Service(program, is_ready=WebProbe(listener.getsockname()[1]).has_answered)


def workers(var: VarFolder, servers: Servers) -> list[Service]:
    (var.root / "beat").mkdir(mode=0o700, exist_ok=True)
    schedule = str(var.root / "beat" / "schedule")
    return [
        Service(_worker(var, servers, "prompt", "--pool", "threads", "--concurrency", "8")),
        Service(_worker(var, servers, "bulk", "--pool", "prefork", "--concurrency", "2", niceness=10)),
        Service(_python(var, servers, "beat", "celery", *_CELERY, "beat", "-s", schedule, "--pidfile=", *_QUIET)),
    ]


class WebProbe:
    """One request that waits in the listener's queue until the web server takes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pid = 0
        self._connection: socket.socket | None = None

    def has_answered(self, child: Child) -> bool:
        if self._connection is None or self._pid != child.pid:
            self._ask(child.pid)
        try:
            status = self._connection.recv(64).split(b" ")[1:2] if self._connection else []
        except BlockingIOError:
            return False
        except OSError:
            status = []
        self._connection = None
        return bool(status) and status[0] < b"500"

    def _ask(self, pid: int) -> None:
        self._pid = pid
        request = f"GET /health HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nConnection: close\r\n\r\n"
        self._connection = socket.create_connection((HOST, self._port), timeout=1.0)
        self._connection.sendall(request.encode())
        self._connection.setblocking(False)


def _worker(var: VarFolder, servers: Servers, name: str, *arguments: str, niceness: int = 0) -> Program:
    options = ("worker", "-n", f"{name}@%h", "-Q", name, "--without-gossip", "--without-mingle", *_QUIET, *arguments)
    return _python(var, servers, name, "celery", *_CELERY, *options, niceness=niceness)


def _python(var: VarFolder, servers: Servers, name: str, module: str, *arguments: str, niceness: int = 0) -> Program:
    environment = {**servers.environment, "DJANGO_SETTINGS_MODULE": "dashboard.settings", "PYTHONUNBUFFERED": "1"}
    argv = (sys.executable, "-m", module, *arguments)
    return Program(name, argv, var.log(name), environment=environment, cwd=PROJECT, niceness=niceness)
