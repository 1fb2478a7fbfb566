#!/usr/bin/env python3
"""How long a person's click waits while thousands of calls are queued. Prints a table.

python bench/urgent.py                 2,000 waiting, 50 urgent ones 10 s apart: about 9 minutes
python bench/urgent.py --scale 2       the same with every window and pause halved
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.pacing import Drains, environment, owe_widgets, throttling_server  # noqa: E402

WINDOWS = ((15, 1.0), (300, 60.0), (4000, 3600.0))
RESERVE = ((1, 1.0), (9, 60.0), (20, 3600.0))


def scaled(windows: tuple[tuple[int, float], ...], scale: float) -> list[tuple[int, float]]:
    return [(limit, seconds / scale) for limit, seconds in windows]


def owe_urgently(budget: int) -> uuid.UUID:
    from dashboard.events.recording import SYSTEM, recording
    from dashboard.upstream.models import Connection
    from dashboard.upstream.owing import Owed, owe

    connection = Connection.objects.select_related("organization").get(budget=budget)
    subject = uuid.uuid4()
    with recording(connection.organization, SYSTEM) as log:
        owe(log, system="hesh", subject_type="widget", owed=[Owed(subject, lane=subject)], urgent=True)
    return subject


def waits(budget: int, subjects: list[uuid.UUID]) -> list[float]:
    """Seconds from the commit that owed it to the claim that let it go."""
    from dashboard.upstream.models import Attempt

    rows = Attempt.objects.filter(budget=budget, delivery__subject_id__in=subjects).select_related("delivery")
    return sorted((row.claimed_at - row.delivery.queued_at).total_seconds() for row in rows)


def run(options: argparse.Namespace) -> None:
    from dashboard.upstream.models import Attempt, Delivery

    windows = scaled(WINDOWS, options.scale)
    spelled = ",".join(f"{limit}/{seconds:g}" for limit, seconds in windows)
    with throttling_server(spelled, "0.05:0.2") as url:
        budget = owe_widgets(url, options.waiting, windows, timeout=10.0, reserve=scaled(RESERVE, options.scale))
        drains = Drains(budget, 2)
        subjects = []
        try:
            for _ in range(options.urgent):
                time.sleep(10.0 / options.scale)
                subjects.append(owe_urgently(budget))
            left = Delivery.objects.filter(connection__budget=budget, state=Delivery.State.WAITING).count()
            time.sleep(5.0)
        finally:
            drains.stop()
    found = waits(budget, subjects)
    throttled = Attempt.objects.filter(budget=budget, status=429).count()
    p99 = found[min(len(found) - 1, round(0.99 * len(found)))] if found else float("nan")
    print(f"{'left':>6}{'of':>5}{'median s':>10}{'p99 s':>8}{'worst s':>9}{'429':>5}{'still waiting':>15}")
    print(
        f"{len(found):>6}{len(subjects):>5}{statistics.median(found):>10.3f}{p99:>8.3f}{found[-1]:>9.3f}{throttled:>5}{left:>15}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, default=2000)
    parser.add_argument("--urgent", type=int, default=50)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    with environment():
        run(options)


if __name__ == "__main__":
    main()
