#!/usr/bin/env python3
"""How close to an upstream's limits calls leave, and whether they ever exceed them. Prints a table.

    python bench/pacing.py                      everything, about 12 minutes
    python bench/pacing.py --only kills --calls 150 --windows 10/0.5,60/4

The upstream is a process of its own that counts for itself; drains are processes that get killed. PostgreSQL and Redis
are the embedded ones, or those of DATABASE_URL and REDIS_URL.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

Windows = Sequence[tuple[int, float]]
HESH = "15/1,300/60,4000/3600"


def floor_seconds(delays: Sequence[float], windows: Windows) -> float:
    """The least time in which these calls can leave when each slot is held until a window after its answer."""
    ends: list[list[float]] = [[] for _ in windows]
    now = 0.0
    for delay in delays:
        for (limit, seconds), held in zip(windows, ends, strict=True):
            if len(held) >= limit:
                now = max(now, heapq.heappop(held) + seconds)
        for held in ends:
            heapq.heappush(held, now + delay)
    return now


@contextmanager
def environment() -> Iterator[None]:
    """Servers of our own and an empty database, before Django is loaded."""
    from dashboard.embedded.folders import VarFolder
    from dashboard.embedded.servers import embedded_servers, running

    os.environ.update(SECRET_KEY="bench" * 10, COUNTERSIGN_DEMO="1", DJANGO_SETTINGS_MODULE="dashboard.settings")
    with (
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
        embedded_servers(VarFolder(Path(folder)).make(), durable=True) as servers,
        running(servers),
    ):
        os.environ.update(servers.environment, VAR=folder)
        load_django()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield


def load_django(windows: Windows = (), reserve: Windows = ()) -> None:
    import django

    django.setup()
    from bench.widgets import WidgetAdapter, widget_domain
    from dashboard.registry import registry

    floor = {name: registry.domains[name] for name in ("accounts", "upstream")}
    registry.domains = {**floor, "widgets": widget_domain(WidgetAdapter(windows, reserve))}


@contextmanager
def throttling_server(windows: str, delays: str) -> Iterator[str]:
    command = [sys.executable, str(ROOT / "bench" / "throttling_server.py"), "--windows", windows, "--delays", delays]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def report_of(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/report") as answer:  # noqa: S310 - our own server
        found: dict[str, Any] = json.loads(answer.read())
        return found


def owe_widgets(url: str, count: int, windows: Windows, *, timeout: float, reserve: Windows = ()) -> int:
    """A fresh organization that owes so many widgets; its budget's id."""
    from dashboard.accounts.models import Organization
    from dashboard.events.recording import SYSTEM, recording
    from dashboard.upstream.models import Budget
    from dashboard.upstream.owing import Owed, owe
    from dashboard.upstream.services import NewConnection, connect

    slug = uuid.uuid4().hex[:12]
    organization = Organization.objects.create(name=slug, slug=slug, key_abbreviation="B")
    new = NewConnection(system="hesh", base_url=url, secret=slug, timeout_seconds=timeout)
    connection = connect(organization=organization, actor=SYSTEM, connection=new)
    Budget.objects.filter(pk=connection.budget_id).update(windows=list(windows), reserve=list(reserve))
    ids = [uuid.uuid4() for _ in range(count)]
    for start in range(0, count, 100):
        with recording(organization, SYSTEM) as log:
            owe(
                log,
                system="hesh",
                subject_type="widget",
                owed=[Owed(one, lane=one) for one in ids[start : start + 100]],
            )
    return connection.budget_id


class Drains:
    """Processes that drain one budget; any of them may be killed at any moment."""

    def __init__(self, budget: int, count: int) -> None:
        self._command = [sys.executable, __file__, "drain", str(budget)]
        self._processes = [subprocess.Popen(self._command) for _ in range(count)]

    def kill_one(self) -> None:
        place = random.randrange(len(self._processes))
        self._processes[place].send_signal(signal.SIGKILL)
        self._processes[place].wait()
        self._processes[place] = subprocess.Popen(self._command)

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


def drain_for_ever(budget: int) -> None:
    """What a worker does: drain after drain, and the sweep once a second."""
    load_django()
    from dashboard.upstream.drain import drain
    from dashboard.upstream.sweep import sweep

    swept = time.monotonic()
    while True:
        if not drain(budget):
            time.sleep(0.05)
        if time.monotonic() - swept > 1.0:
            sweep()
            swept = time.monotonic()


def wait_until_delivered(budget: int, on_tick: Callable[[], None]) -> None:
    from dashboard.upstream.models import Delivery

    rows = Delivery.objects.filter(connection__budget=budget, subject_type="widget")
    while rows.exclude(state=Delivery.State.DELIVERED).exists():
        time.sleep(0.1)
        on_tick()


def run_live(name: str, options: argparse.Namespace, *, delays: str, drains: int, kills: int) -> dict[str, Any]:
    """One run against the throttling server."""
    from bench.throttling_server import parse_windows
    from dashboard.upstream.models import Attempt

    windows = parse_windows(options.windows)
    moments = sorted(random.uniform(1.0, options.kill_within) for _ in range(kills))
    with throttling_server(options.windows, delays) as url:
        budget = owe_widgets(url, options.calls, windows, timeout=options.timeout)
        workers = Drains(budget, drains)
        started = time.monotonic()

        def kill_when_due() -> None:
            while moments and time.monotonic() - started > moments[0]:
                moments.pop(0)
                workers.kill_one()

        try:
            wait_until_delivered(budget, kill_when_due)
        finally:
            workers.stop()
        seen = report_of(url)
    throttled = Attempt.objects.filter(budget=budget, status=429).count()
    return {"run": name, **seen, "throttled": throttled, "floor": floor_seconds(seen.pop("delays"), windows)}


def run_simulated(options: argparse.Namespace) -> dict[str, Any]:
    """Hours of pacing on a clock that only we move: the one place where it can be replaced is clock.NOW."""
    code = f"import bench.pacing as p; p.simulate({options.simulated_calls}, with_reserve={options.with_reserve})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def simulate(calls: int, *, with_reserve: bool, latency: float = 0.3) -> None:
    from dashboard.upstream import clock

    clock.NOW = "(SELECT now_at FROM bench_clock)"
    windows = [(15, 1.0), (300, 60.0), (4000, 3600.0)]
    reserve = [(1, 1.0), (9, 60.0), (20, 3600.0)] if with_reserve else []
    load_django(windows, reserve)
    from datetime import timedelta

    from django.db import connection

    from dashboard.upstream.adapters import Answer
    from dashboard.upstream.claim import claim
    from dashboard.upstream.settle import settle

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_clock AS SELECT clock_timestamp() AS now_at")
    budget = owe_widgets("http://127.0.0.1:9", calls, windows, timeout=10.0, reserve=reserve)
    flying: list[tuple[Any, int, str]] = []
    claimed: list[Any] = []
    done = 0
    while done < calls:
        found = claim(budget)
        claimed += [found.now] * len(found.departures)
        for departure in found.departures:
            widget = json.loads(departure.content)["id"]
            heapq.heappush(flying, (found.now + timedelta(seconds=latency), departure.attempt_id, widget))
        moments = [at for at in (found.next_at, flying[0][0] if flying else None) if at]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE bench_clock SET now_at = greatest(%s, now_at)", [min(moments)])
        while flying and flying[0][0] <= min(moments):
            _, attempt, widget = heapq.heappop(flying)
            settle(attempt_id=attempt, answer=Answer(201, body=json.dumps({"id": widget}).encode()))
            done += 1
    report_simulated(claimed, windows)


def report_simulated(claimed: Sequence[Any], windows: Windows) -> None:
    seconds = (claimed[-1] - claimed[0]).total_seconds()
    violations = sum(
        (claimed[place] - claimed[place - limit]).total_seconds() < window
        for limit, window in windows
        for place in range(limit, len(claimed))
    )
    floor = floor_seconds([0.0] * len(claimed), windows)
    found = {"run": "hours", "calls": len(claimed), "seconds": seconds, "violations": violations, "floor": floor}
    print(json.dumps(found))


def print_row(found: dict[str, Any]) -> None:
    ratio = found["seconds"] / found["floor"] if found["floor"] else 0.0
    print(
        f"{found['run']:<10}{found['calls']:>8}{found['seconds']:>10.2f}{found['floor']:>10.2f}{ratio:>8.3f}"
        f"{found['violations']:>12}{found.get('throttled', 0):>6}{found.get('created_twice', 0):>8}",
        flush=True,
    )


def runs(options: argparse.Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    return {
        "kills": lambda: run_live("kills", options, delays=f"0:{options.slow}", drains=4, kills=options.kills),
        "fast": lambda: run_live("fast", options, delays="0.05:0.05", drains=1, kills=0),
        "slow": lambda: run_live("slow", options, delays=f"0:{options.slow}", drains=2, kills=0),
        "hours": lambda: run_simulated(options),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["kills", "fast", "slow", "hours"], action="append")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--windows", default=HESH)
    parser.add_argument("--slow", type=float, default=3.0, help="answers take up to this many seconds")
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--kill-within", type=float, default=60.0)
    parser.add_argument("--simulated-calls", type=int, default=10_000)
    parser.add_argument("--with-reserve", action="store_true", help="in the simulated run")
    options = parser.parse_args()
    with environment():
        print(
            f"{'run':<10}{'calls':>8}{'seconds':>10}{'floor':>10}{'ratio':>8}{'violations':>12}{'429':>6}{'twice':>8}"
        )
        for name, run in runs(options).items():
            if not options.only or name in options.only:
                print_row(run())


if __name__ == "__main__":
    if sys.argv[1:2] == ["drain"]:
        drain_for_ever(int(sys.argv[2]))
    else:
        main()
