"""Deployments of their own: nothing here may lean on the servers that the test run itself uses."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.embedded.folders import VarFolder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "VAR",
        "PORT",
        "COUNTERSIGN_DEMO",
        "DJANGO_SETTINGS_MODULE",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def awkward_folder() -> Iterator[Path]:
    """Closed to everyone else, with spaces, and too long for a unix socket below it."""
    base = Path(tempfile.mkdtemp(prefix="only for me "))
    folder = base / ("a rather long name " * 6).strip() / "var"
    assert len(str(folder)) > 107
    yield folder
    shutil.rmtree(base)


@pytest.fixture
def var(awkward_folder: Path) -> VarFolder:
    return VarFolder(awkward_folder).make()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(claim: Callable[[], bool], what: str, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while not claim():
        assert time.monotonic() < deadline, f"{what} did not happen within {patience} s"
        time.sleep(0.02)


def processes_of(var: Path) -> set[int]:
    """Every process whose environment or command names this deployment's folder."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(str(var)) in told:
                found.add(int(entry.name))
    return found
