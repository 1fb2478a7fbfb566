from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.embedded.conftest import ROOT, free_port, processes_of, until

CHILDREN = {"postgres", "redis", "daphne", "prompt", "bulk", "beat"}


@dataclass
class Deployment:
    """A `manage.py up` on a folder and a port of its own."""

    var: Path
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        given = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "COUNTERSIGN_DEMO"}
        kept = {name: value for name, value in os.environ.items() if name not in given}
        return kept | {"VAR": str(self.var), "PORT": str(self.port)}

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "manage.py", *arguments]
        return subprocess.run(argv, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def start(self) -> None:
        argv = [sys.executable, "manage.py", "up"]
        self.process = subprocess.Popen(
            argv, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert said.startswith(f"Countersign runs at http://127.0.0.1:{self.port}"), said + self.process.stdout.read()

    def run_file(self) -> dict[str, object]:
        return json.loads((self.var / "run.json").read_text())

    def pids(self) -> dict[str, int]:
        return self.run_file()["pids"]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=20) as response:
                return response.status == 200
        except OSError:
            return False

    def end(self, number: signal.Signals) -> int:
        assert self.process
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        code, self.process = self.process.returncode, None
        return code


@pytest.fixture(scope="module")
def shared() -> Iterator[Deployment]:
    """One folder for all: the first start in it is the slow one. Too long a path for a socket, and closed to others."""
    base = Path(tempfile.mkdtemp(prefix="only for me "))
    deployment = Deployment(base / ("a rather long name " * 6).strip() / "var", free_port())
    yield deployment
    if deployment.process:
        assert deployment.end(signal.SIGTERM) == 0
    assert processes_of(deployment.var) == set()
    shutil.rmtree(base)


@pytest.fixture
def running(shared: Deployment) -> Deployment:
    if shared.process is None:
        shared.start()
    return shared


@pytest.fixture
def stopped(shared: Deployment) -> Deployment:
    if shared.process:
        shared.end(signal.SIGTERM)
    return shared


@pytest.mark.kill
def test_every_killed_child_comes_back(running: Deployment) -> None:
    before = running.pids()
    assert set(before) == CHILDREN
    assert running.answers()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    until(lambda: all(running.pids()[name] != before[name] for name in CHILDREN), "the return of all children")
    until(running.answers, "an answer of the new web server", patience=60)


def test_a_command_beside_uses_the_same_servers_and_leaves_them_running(running: Deployment) -> None:
    shown = running.manage("shell", "-v", "0", "-c", "from django.conf import settings as s; print(s.REDIS_URL)")
    assert shown.stdout.strip() == running.run_file()["redis_url"], shown.stderr
    assert running.answers()


def test_a_second_start_on_the_same_folder_names_the_first(running: Deployment) -> None:
    again = running.manage("up")
    assert (again.returncode, again.stdout) == (1, "")
    assert f"already runs on {running.var} at http://127.0.0.1:{running.port}" in again.stderr
    assert running.answers()


def test_ctrl_c_leaves_no_process_and_no_folder(running: Deployment) -> None:
    sockets = Path(str(running.run_file()["sockets"]))
    assert running.end(signal.SIGINT) == 0
    assert processes_of(running.var) == set()
    assert not sockets.exists()
    assert not (running.var / "run.json").exists()


@pytest.mark.kill
def test_a_killed_supervisor_takes_everything_along_and_the_next_start_works(running: Deployment) -> None:
    abandoned = Path(str(running.run_file()["sockets"]))
    running.end(signal.SIGKILL)
    until(lambda: not processes_of(running.var), "the end of all children")
    running.start()
    assert not abandoned.exists()
    assert running.answers()


def test_a_command_alone_brings_its_servers_and_a_secret_key_and_leaves_only_the_key(stopped: Deployment) -> None:
    ask = (
        "from django.conf import settings as s; from django.db import connection as c; c.cursor(); print(s.SECRET_KEY)"
    )
    shown = stopped.manage("shell", "-v", "0", "-c", ask)
    kept = stopped.var / "secret_key"
    assert (shown.returncode, shown.stdout.strip()) == (0, kept.read_text()), shown.stderr
    assert len(kept.read_text()) >= 50
    assert kept.stat().st_mode & 0o777 == 0o600
    assert processes_of(stopped.var) == set()


def test_a_command_that_needs_no_database_starts_and_writes_nothing(tmp_path: Path) -> None:
    checked = Deployment(tmp_path / "var", 8000).manage("check")
    assert checked.returncode == 0, checked.stderr
    assert not (tmp_path / "var").exists()


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path / "var", free_port())
    with socket.create_server(("127.0.0.1", deployment.port)):
        refused = deployment.manage("up")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"manage.py up: Port {deployment.port} is taken by another program; stop that one or set PORT.\n"
    )


def test_the_supervisor_is_free_of_django_celery_and_database_drivers() -> None:
    heavy = "{'django', 'celery', 'psycopg', 'redis'}"
    code = f"import sys, dashboard.embedded.up; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
