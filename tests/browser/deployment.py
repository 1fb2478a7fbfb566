"""The whole product, started as `manage.py up` starts it, in a folder of its own with the demo in it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_OWN = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY"}


@dataclass(frozen=True)
class Console:
    """A running deployment with the demo in it."""

    url: str
    var: Path
    environment: dict[str, str]
    logins: dict[str, dict[str, str]]

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout


@contextmanager
def running_console(var: Path) -> Iterator[Console]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name not in _OWN}
    environment = kept | {"VAR": str(var), "PORT": str(port), "COUNTERSIGN_DEMO": "1"}
    log = var / "up.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url, server, log)
        console = Console(url, var, environment, {})
        logins = {login["role"]: login for login in json.loads(console.manage("demo"))["logins"]}
        yield replace(console, logins=logins)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"The console stopped while starting:\n{log.read_text()[-4000:]}")
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The console was not ready after {seconds} s:\n{log.read_text()[-4000:]}")
