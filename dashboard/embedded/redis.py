"""The embedded Redis: one unix socket, every write in an append-only file, nothing ever evicted."""

from __future__ import annotations

import contextlib
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from dashboard.embedded.binaries import find_redis
from dashboard.embedded.folders import VarFolder
from dashboard.embedded.process import Program

_SOCKET = "redis.sock"


def program(var: VarFolder, *, sockets: Path, log: Path, durable: bool = True) -> Program:
    var.redis.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(sockets / _SOCKET),
        "unixsocketperm": "700",
        "dir": ".",
        "daemonize": "no",
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return Program(
        name="redis",
        argv=(str(find_redis()), *options),
        log=log,
        # Relative paths from here: a folder's name may hold what Redis' configuration syntax gives a meaning.
        cwd=var.redis,
        orphan_signal=signal.SIGTERM,
        grace=10.0,
    )


def is_ready(sockets: Path) -> bool:
    """PONG comes only once the append-only file is loaded."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        client.connect(str(sockets / _SOCKET))
        client.sendall(b"PING\r\n")
        return client.recv(64).startswith(b"+PONG")
    return False


def url(sockets: Path) -> str:
    return f"unix://{quote(str(sockets / _SOCKET), safe='/')}?db=0"
