from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.conftest import ROOT, processes_of, until

PATIENT = "import time; time.sleep(600)"
WRITES_DOWN_ITS_END = (
    "import pathlib, signal, sys, time\n"
    "def end(*_):\n"
    "    with open(pathlib.Path(sys.argv[1]) / 'ends', 'a') as f: f.write('{name} ')\n"
    "    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end)\n"
    "pathlib.Path(sys.argv[1], '{name}.up').touch()\n"
    "time.sleep(600)\n"
)
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
HOPELESS = "import sys; print('the disk is on fire', flush=True); sys.exit(3)"
WITH_A_GRANDCHILD = (
    "import subprocess, sys, time; subprocess.Popen(['sleep', '600'], env={'FOLDER': sys.argv[1]}); time.sleep(600)"
)

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def launch(**programs: str) -> subprocess.Popen[str]:
        given = [f"{name}={code}" for name, code in programs.items()]
        argv = [sys.executable, "-m", "tests.embedded.sleepers", str(tmp_path), *given]
        started.append(subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield launch
    for process in started:
        process.kill()
        process.communicate()


def pids(folder: Path) -> dict[str, int]:
    return json.loads((folder / "pids.json").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_children_the_last_one_first(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    names = ("first", "second", "third")
    supervisor = start(**{name: WRITES_DOWN_ITS_END.replace("{name}", name) for name in names})
    until(lambda: all((tmp_path / f"{name}.up").exists() for name in names), "the start")
    supervisor.send_signal(number)
    assert supervisor.wait(10) == 0
    assert (tmp_path / "ends").read_text().split() == ["third", "second", "first"]
    assert processes_of(tmp_path) == set()


def test_a_child_that_ignores_the_request_is_killed(start: Start, tmp_path: Path) -> None:
    supervisor = start(deaf=DEAF)
    until(
        lambda: "deaf" in (tmp_path / "deaf.log").read_text() if (tmp_path / "deaf.log").exists() else False, "deafness"
    )
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    assert processes_of(tmp_path) == set()


@pytest.mark.kill
def test_a_killed_child_is_started_again_and_the_others_stay(start: Start, tmp_path: Path) -> None:
    start(stays=PATIENT, falls=PATIENT)
    until((tmp_path / "ready").exists, "the start")
    before = pids(tmp_path)
    os.kill(before["falls"], signal.SIGKILL)
    until(lambda: pids(tmp_path)["falls"] != before["falls"], "the restart")
    assert pids(tmp_path)["stays"] == before["stays"]


def test_five_deaths_in_a_minute_stop_everything_and_say_whose_and_why(start: Start, tmp_path: Path) -> None:
    supervisor = start(stays=PATIENT, burns=HOPELESS)
    said, _ = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert "burns died 5 times within a minute" in said
    assert said.strip().endswith("the disk is on fire")
    assert processes_of(tmp_path) == set()


@pytest.mark.kill
def test_children_die_with_a_killed_supervisor(start: Start, tmp_path: Path) -> None:
    supervisor = start(one=PATIENT, two=PATIENT)
    until((tmp_path / "ready").exists, "the start")
    supervisor.kill()
    until(lambda: not processes_of(tmp_path), "the end of all children")


@pytest.mark.kill
def test_what_a_dead_child_leaves_behind_goes_before_its_successor_starts(start: Start, tmp_path: Path) -> None:
    start(parent=WITH_A_GRANDCHILD)
    until((tmp_path / "ready").exists, "the start")
    until(lambda: len(_sleepers(tmp_path)) == 1, "the grandchild")
    (orphan,) = _sleepers(tmp_path)
    os.kill(pids(tmp_path)["parent"], signal.SIGKILL)
    until(lambda: len(_sleepers(tmp_path) - {orphan}) == 1, "the next grandchild")
    assert orphan not in _sleepers(tmp_path)


def _sleepers(folder: Path) -> set[int]:
    """The processes that run `sleep`, told from their parents by their command."""
    return {pid for pid in processes_of(folder) if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"sleep")}
