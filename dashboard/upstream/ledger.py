"""How many calls may leave now, and when the next one may: counted from the attempts, per window.

A slot is held from the claim until a full window after the answer; without an answer until a window after the
deadline. The upstream can't have counted a call later than that, so it can never count more than its limit in any
window, however its own windows lie and whatever the network delays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from dashboard.upstream.clock import NOW
from dashboard.upstream.models import Budget


@dataclass(frozen=True)
class Window:
    limit: int
    seconds: float
    reserve: int = 0  # kept for urgent calls
    held: int = 0
    elsewhere: int = 0  # used up by others under the same key
    elsewhere_until: datetime | None = None

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def kept_from(self, backlog: int) -> int:
        """Nothing is kept for urgent calls from a backlog that would end inside the window.

        The last ones may all go.
        """
        return min(self.reserve, max(0, backlog - 1))

    def allowance(self, backlog: int | None) -> int:
        """How many slots may be held at once: by urgent calls (no backlog), or with this many other calls waiting."""
        return self.limit - self.elsewhere - (0 if backlog is None else self.kept_from(backlog))

    def open_to(self, backlog: int | None) -> int:
        """How many may leave now. Each that leaves shortens the backlog by one, so the last ones need no reserve."""
        free = max(0, self.limit - self.elsewhere - self.held)
        if backlog is None or backlog <= free:
            return free
        return max(0, free - self.reserve)


@dataclass(frozen=True)
class Ledger:
    """What one look at the attempts and the queue says, at one instant of the database's clock."""

    now: datetime
    windows: tuple[Window, ...]
    urgent: int  # waiting, counted no further than needed
    backlog: int
    in_flight: bool

    def open_to_urgent(self) -> int:
        return min(window.open_to(None) for window in self.windows)

    def open_to_backlog(self) -> int:
        return min(window.open_to(self.backlog) for window in self.windows)

    def after(self, urgent: int, others: int) -> Ledger:
        """Once these many have been taken."""
        taken = urgent + others
        windows = tuple(replace(window, held=window.held + taken) for window in self.windows)
        return replace(self, windows=windows, urgent=self.urgent - urgent, backlog=self.backlog - others)


def windows_of(budget: Budget, now: datetime) -> tuple[Window, ...]:
    kept = {seconds: calls for calls, seconds in budget.reserve}
    used = {seconds: (calls, datetime.fromisoformat(until)) for calls, seconds, until in budget.used_elsewhere}
    found = []
    for limit, seconds in budget.windows:
        calls, until = used.get(seconds, (0, now))
        reserve = min(kept.get(seconds, 0), limit - 1)
        found.append(Window(limit, seconds, reserve, 0, *((calls, until) if until > now else (0, None))))
    return tuple(found)


_WAITING = """
(SELECT count(*) FROM (
    SELECT FROM upstream_delivery AS d JOIN upstream_connection AS c ON c.id = d.connection_id
    WHERE c.budget_id = %(budget)s AND c.state = 'active' AND d.state IN ('waiting', 'retrying') AND {urgency}
    LIMIT %(enough)s) AS few)
"""
# No further than the limit: more can't matter, and the planner must not expect to read a third of the table.
# One statement, so that everything is counted at the instant it names.
_LOOK = "WITH clock AS MATERIALIZED (SELECT " + NOW + " AS now) SELECT {columns} FROM clock"  # noqa: S608 - ours
_HELD = """
(SELECT count(*) FROM (
    SELECT FROM upstream_attempt WHERE budget_id = %(budget)s AND holds_from > clock.now - %(window_{n})s
    ORDER BY holds_from DESC LIMIT %(limit_{n})s) AS few)
"""


def read_ledger(budget: Budget) -> Ledger:
    """Called with the budget row locked: the clock is read after the lock, by the same statement that counts."""
    bounds = {seconds: calls for calls, seconds in budget.held_at_most}
    enough = _enough(budget)
    crowded = [n for n, window in enumerate(budget.windows) if not _is_roomy(budget, window, bounds, enough)]
    columns = [
        "clock.now",
        _WAITING.format(urgency="d.urgent"),
        _WAITING.format(urgency="NOT d.urgent"),
        "EXISTS (SELECT FROM upstream_attempt WHERE budget_id = %(budget)s AND outcome = '')",
        *(_HELD.format(n=n) for n in crowded),
    ]
    values: dict[str, Any] = {"budget": budget.pk, "enough": enough}
    for n, (limit, seconds) in enumerate(budget.windows):
        values |= {f"window_{n}": timedelta(seconds=seconds), f"limit_{n}": limit}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK.format(columns=", ".join(columns)), values)
        now, urgent, backlog, in_flight, *counts = cursor.fetchone()
    counted = dict(zip(crowded, counts, strict=True))
    windows = (
        replace(window, held=counted[n] if n in counted else bounds[window.seconds])
        for n, window in enumerate(windows_of(budget, now))
    )
    return Ledger(now, tuple(windows), urgent, backlog, in_flight)


def _is_roomy(budget: Budget, window: tuple[int, float], bounds: dict[float, int], enough: int) -> bool:
    """Even if it held as much as it can, it would not be the one that decides now; counting 4,000 slots can wait."""
    limit, seconds = window
    kept = sum(calls for calls, of in budget.reserve if of == seconds)
    elsewhere = sum(calls for calls, of, _ in budget.used_elsewhere if of == seconds)
    return seconds in bounds and limit - kept - elsewhere - bounds[seconds] >= enough


def _enough(budget: Budget) -> int:
    """A longer backlog than this is treated alike: more than can leave at once, the reserves added."""
    shortest: int = min(limit for limit, _ in budget.windows)
    kept: int = max((calls for calls, _ in budget.reserve), default=0)
    return shortest + kept + 1


_WHEN = """
SELECT holds_from FROM upstream_attempt WHERE budget_id = %s AND holds_from > %s ORDER BY holds_from OFFSET %s LIMIT 1
"""


def next_slot(budget: Budget, ledger: Ledger) -> datetime | None:
    """When the next waiting call may leave: exact, unless something in flight is answered before its deadline."""
    if ledger.urgent > 0:
        return max(_slot_in(budget, ledger, window, None) for window in ledger.windows)
    if ledger.backlog > 0:
        return max(_slot_in(budget, ledger, window, ledger.backlog) for window in ledger.windows)
    return None


def _slot_in(budget: Budget, ledger: Ledger, window: Window, backlog: int | None) -> datetime:
    surplus = window.held - window.allowance(backlog)
    if surplus < 0:
        return ledger.now
    freed = _freed(budget, ledger, window, surplus)
    if window.elsewhere_until is None:
        return freed
    without = _freed(budget, ledger, window, surplus - window.elsewhere)
    return min(freed, max(without, window.elsewhere_until))


def _freed(budget: Budget, ledger: Ledger, window: Window, surplus: int) -> datetime:
    """When so many of the held slots, and one more, are free again."""
    if surplus < 0:
        return ledger.now
    with connection.cursor() as cursor:
        cursor.execute(_WHEN, [budget.pk, ledger.now - window.length, surplus])
        row = cursor.fetchone()
    # No such row: others hold them, so whoever asks must look again after their reset or a full window.
    freed: datetime = (row[0] if row else ledger.now) + window.length
    return freed
