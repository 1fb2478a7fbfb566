"""Workers, Redis and PostgreSQL are killed at random moments while orders go out: none is lost, none is made twice."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.embedded.conftest import ROOT, free_port
from tests.kill.careless_upstream import CarelessUpstream

ORDERS = 300
WINDOWS = [[30, 1.0], [250, 10.0]]
# A child that dies five times within a minute ends the deployment, and rightly so.
KILLS = ["prompt"] * 4 + ["redis"] * 2 + ["postgres"] * 2
PATIENCE = 120.0

PREPARE = """
from django.core.management import call_command
from dashboard.upstream.models import Budget
call_command("migrate", verbosity=0)
call_command("create_org", "Northwind Traders", slug="northwind", owner="otto@northwind.example")
call_command("connect", "hesh", org="northwind", url={url!r}, key="k")
Budget.objects.update(windows={windows!r}, reserve=[])
call_command("import_orders", {file!r}, org="northwind")
"""


class Deployment:
    """A `manage.py up` of its own, whose children are ours to kill."""

    def __init__(self, var: Path) -> None:
        self.var = var
        given = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
        kept = {name: value for name, value in os.environ.items() if name not in given}
        own = {"VAR": str(var), "PORT": str(free_port()), "COUNTERSIGN_DEMO": "1", "UPSTREAM_TIMEOUT_SECONDS": "1"}
        self.environment = kept | own

    def manage(self, *arguments: str) -> str:
        argv = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(argv, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        argv = [sys.executable, "manage.py", "up"]
        self.process = subprocess.Popen(argv, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert "runs at" in self.process.stdout.readline()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)

    def run_file(self) -> dict[str, object]:
        return json.loads((self.var / "run.json").read_text())

    def kill(self, name: str) -> None:
        if name == "redis":
            with redis.Redis.from_url(str(self.run_file()["redis_url"])) as emptied:
                emptied.flushall()
        os.kill(self.run_file()["pids"][name], signal.SIGKILL)

    def states(self) -> Counter[str]:
        """Empty while the database is away."""
        try:
            with psycopg.connect(str(self.run_file()["database_url"])) as connection:
                query = "SELECT state, count(*) FROM upstream_delivery WHERE subject_type = 'order' GROUP BY state"
                return Counter(dict(connection.execute(query).fetchall()))
        except psycopg.OperationalError:
            return Counter()


@pytest.fixture
def upstream() -> Iterator[CarelessUpstream]:
    server = CarelessUpstream()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def deployment(upstream: CarelessUpstream) -> Iterator[Deployment]:
    """Northwind, with a file of orders imported and nothing sent yet."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-kill-"))
    made = Deployment(folder / "var")
    lines = [f"K-{number},K-{number},L-1,2" for number in range(ORDERS)]
    file = folder / "orders.csv"
    file.write_text("external_order_id,external_order_number,line_item_id,quantity\n" + "\n".join(lines))
    made.manage("shell", "-v", "0", "-c", PREPARE.format(url=upstream.url, windows=WINDOWS, file=str(file)))
    assert upstream.received == []
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.mark.kill
def test_no_order_is_lost_and_none_is_made_twice(deployment: Deployment, upstream: CarelessUpstream) -> None:
    until = time.monotonic() + PATIENCE
    kills = random.sample(KILLS, len(KILLS))
    killed_at = time.monotonic()
    while deployment.states() != Counter({"delivered": ORDERS}):
        assert time.monotonic() < until, deployment.states()
        time.sleep(0.1)
        if kills and time.monotonic() - killed_at > random.uniform(0.5, 2.5):
            deployment.kill(kills.pop())
            killed_at = time.monotonic()
    assert kills == []
    assert upstream.created() == sorted(f"K-{number}" for number in range(ORDERS))
    assert most_in_any_window(upstream.received) == [True] * len(WINDOWS)
    assert json.loads(deployment.manage("check_log", "--org", "northwind"))["ok"]


def most_in_any_window(received: list[float]) -> list[bool]:
    """Whether the upstream, by its own clock, never got more than each window allows."""
    return [
        all(later - earlier >= seconds for earlier, later in zip(received, received[int(limit) :], strict=False))
        for limit, seconds in WINDOWS
    ]
