#!/usr/bin/env python3
"""The order list beside Django admin's changelist on the same table, in the same run. Prints a table of medians.

    python bench/lists.py                       1,000,000 orders, about 5 minutes
    python bench/lists.py --rows 100000 --rounds 9

Whole responses of 50 rows with the same columns, through the same middleware, signed in, in process. Ours counts its
tabs anew for every request; the forecast of departures is shared for a second, as in production. PostgreSQL and Redis
are the embedded ones, or those of DATABASE_URL and REDIS_URL.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PAGE, DEEP = 50, 5_000


@dataclass(frozen=True)
class Contest:
    """One page, asked three ways; `goal` is how many times faster than stock ours must be."""

    name: str
    ours: str
    admin: str
    goal: float = 1.0


@dataclass(frozen=True)
class Measured:
    milliseconds: float
    queries: int
    kilobytes: float
    rows: int


@contextmanager
def environment() -> Iterator[None]:
    """Servers of our own and an empty database, before Django is loaded."""
    from dashboard.embedded.folders import VarFolder
    from dashboard.embedded.servers import embedded_servers, running

    os.environ.update(SECRET_KEY="bench" * 10, COUNTERSIGN_DEMO="1", DJANGO_SETTINGS_MODULE="bench.lists_settings")
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        var = VarFolder(Path(folder)).make()
        var.static.mkdir(exist_ok=True)
        with embedded_servers(var, durable=False) as servers, running(servers):
            os.environ.update(servers.environment, VAR=folder)
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield


def contests(rows: int) -> list[Contest]:
    from bench.lists_seed import ABSENT, COMMON, RARE

    deep = min(DEEP, rows // PAGE // 2)
    after = rows - (deep - 1) * PAGE + 1
    return [
        Contest("first page", "view=all", "", goal=5),
        Contest(f"page {deep:,}", f"view=all&after={after}", f"p={deep}", goal=8),
        Contest(f"search, common word ({COMMON})", f"view=all&q={COMMON}", f"q={COMMON}", goal=50),
        Contest(f"search, rare word ({RARE})", f"view=all&q={RARE}", f"q={RARE}", goal=50),
        Contest(f"search, no match ({ABSENT})", f"view=all&q={ABSENT}", f"q={ABSENT}", goal=50),
        Contest("filter, stage stopped", "view=all&stage=stopped", "stage__exact=stopped"),
    ]


def measure(browser: Any, path: str, rounds: int) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from orders import counts

    def ask() -> Any:
        counts._counted.clear()  # noqa: SLF001 - the worst case: nobody looked within the last second
        return browser.get(path)

    for _ in range(2):
        ask()
    taken = [timed(ask) for _ in range(rounds)]
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}.")
    body = answer.content.decode()
    shown = body.count('id="order-row-') or body.count('class="action-select"')
    return Measured(statistics.median(taken), len(queries), len(answer.content) / 1024, shown)


def timed(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def report(contest: Contest, found: dict[str, Measured]) -> bool:
    ours, stock, tuned = found["ours"], found["stock"], found["tuned"]
    if len({each.rows for each in found.values()}) != 1:
        shown = {name: each.rows for name, each in found.items()}
        raise SystemExit(f"{contest.name}: not the same number of rows: {shown}.")
    times, beyond = stock.milliseconds / ours.milliseconds, tuned.milliseconds / ours.milliseconds
    reached = times >= contest.goal and beyond > 1 and ours.queries <= 8
    print(
        f"{contest.name:34} {ours.milliseconds:8.1f} {stock.milliseconds:9.1f} {tuned.milliseconds:9.1f}"
        f" {times:7.1f} x {beyond:6.1f} x {ours.queries:5} {stock.queries:5} {tuned.queries:5} {ours.rows:5}"
        f" {ours.kilobytes:5.0f} {stock.kilobytes:5.0f}"
        f"  {'reached' if reached else 'NOT reached'} (>= {contest.goal:g} x)"
    )
    return reached


def compare(rows: int, rounds: int) -> bool:
    from django.test import Client

    from bench.lists_admin import SEARCHED
    from bench.lists_seed import seed

    begun = time.perf_counter()
    user = seed(rows)
    print(f"{rows:,} orders seeded in {time.perf_counter() - begun:.0f} s; medians of {rounds}, milliseconds\n")
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    print(
        f"{'':34} {'ours':>8} {'stock':>9} {'tuned':>9} {'vs stock':>9} {'vs tuned':>8}"
        " queries: ours, stock, tuned; rows; kB: ours, stock"
    )
    reached = True
    for contest in contests(rows):
        paths = {
            "ours": f"/orders?{contest.ours}",
            "stock": f"/stock/orders/order/?{contest.admin}",
            "tuned": f"/tuned/orders/order/?{contest.admin}",
        }
        reached &= report(contest, {name: measure(browser, path, rounds) for name, path in paths.items()})
    print(
        "\nOurs matches whole words and their beginnings in ids, numbers, clients, comments, SKUs, products, tags."
        f"\nAdmin matches substrings in {', '.join(SEARCHED)}."
        "\nTuned: show_full_result_count = False and a paginator that assumes a count."
        "\nBoth admins read the extra columns in two queries per page."
    )
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with environment():
        return 0 if compare(given.rows, given.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
