#!/usr/bin/env python3
"""What one claim costs beside a ledger of a million attempts, 3,900 of them in the last hour. Prints milliseconds.

python bench/claiming.py
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.pacing import environment, owe_widgets

WINDOWS = [(15, 1.0), (300, 60.0), (4000, 3600.0)]
RESERVE = [(1, 1.0), (9, 60.0), (20, 3600.0)]
CLAIMS = 60

# The last hour's are apart from the last minute's, so that something is left to leave.
_FILL = """
INSERT INTO upstream_attempt (organization_id, connection_id, budget_id, delivery_id, operation, revision, urgent,
    on_unknown, claimed_at, deadline_at, answered_at, status, outcome, detail, request_id)
SELECT d.organization_id, d.connection_id, c.budget_id, d.id, 'create', 1, false, 'ask', at, at + interval '10 s',
    at + interval '0.3 s', 201, 'delivered', '', ''
FROM (SELECT * FROM upstream_delivery LIMIT 1) AS d JOIN upstream_connection AS c ON c.id = d.connection_id,
    (SELECT now() - interval '70 s' - n * interval '0.9 s' AS at FROM generate_series(1, %s) AS n) AS moments
"""


def measure(attempts: int) -> None:
    from django.db import connection

    from dashboard.upstream.claim import claim
    from dashboard.upstream.models import Attempt, Delivery

    budget = owe_widgets("http://127.0.0.1:9", 5_000, WINDOWS, timeout=10.0, reserve=RESERVE)
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [attempts])
        cursor.execute("VACUUM ANALYZE")
    sending, idle = [], []
    for _ in range(CLAIMS):
        for into in (sending, idle):
            started = time.perf_counter()
            left = claim(budget).departures
            into.append((time.perf_counter() - started) * 1000)
            if left:
                Attempt.objects.filter(delivery__in=[one.delivery_id for one in left[1:]], outcome="").delete()
                Delivery.objects.filter(pk__in=[one.delivery_id for one in left[1:]]).update(state="waiting")
        # Each round finds one slot free in the shortest window.
        Attempt.objects.filter(outcome="").update(outcome="delivered", answered_at="2020-01-01T00:00:00Z")
    print(f"{attempts:>9,} attempts: claim with departures {statistics.median(sending):6.2f} ms")
    print(f"{attempts:>9,} attempts: claim, nothing left   {statistics.median(idle):6.2f} ms")


if __name__ == "__main__":
    with environment():
        measure(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
