"""The one clock that limits are kept by: the database's. Workers' clocks differ, and a step of one would over-admit."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

# Not transaction time: a claim reads it after it got the lock. bench/pacing.py puts a simulated clock here, in its
# own process.
NOW = "clock_timestamp()"


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW}")
        now: datetime = cursor.fetchone()[0]
    return now
