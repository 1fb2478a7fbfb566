"""When everything that waits will leave: the claim's own rules, played forward from the same ledger."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from dashboard.upstream.forecast_reads import Situation, Waiting, read_situation
from dashboard.upstream.ledger import Window
from dashboard.upstream.models import Budget, Connection

SIMULATED = 5_000
_FRESH_SECONDS = 1.0


@dataclass(frozen=True)
class WindowGauge:
    limit: int
    seconds: float
    used: int  # slots held, and what others use under the same key
    reserve: int
    resets_in: float  # seconds until the first held slot is free again; 0 when none is held


@dataclass(frozen=True)
class Forecast:
    at: datetime
    windows: list[WindowGauge]
    waiting: int
    lanes: dict[str, int]  # {"urgent": n, "bulk": n}
    sending: int
    latency: float  # seconds that the upstream takes to answer, measured
    ends_at: datetime | None  # when the last one leaves; None: nothing waits, or nothing will leave
    departures: dict[int, datetime] = field(repr=False, default_factory=dict)  # of the first 5,000 in the queue
    blocked_until: datetime | None = None
    block_reason: str = ""
    paused: bool = False


@dataclass
class _Cached:
    until: float
    situation: Situation
    departures: dict[int, float]
    # Per connection and whether it is paused: a page of thousands waiting must not be dated anew for every reader.
    forecasts: dict[tuple[UUID, str], Forecast] = field(default_factory=dict)


_cache: dict[int, _Cached] = {}
_lock = threading.Lock()


def forecast(connection: Connection) -> Forecast:
    """For one connection; others of its budget take their turns in it and are not shown."""
    cached = _played(connection.budget_id)
    key = (connection.pk, connection.state)
    if key not in cached.forecasts:
        cached.forecasts[key] = _of(connection, cached)
    return cached.forecasts[key]


def _of(connection: Connection, cached: _Cached) -> Forecast:
    situation = cached.situation
    mine = situation.queue_of(connection.pk)
    departures = {one.delivery_id: _at(cached.departures[one.delivery_id]) for one in mine.first}
    return Forecast(
        at=_at(situation.now),
        windows=[_gauge(situation, window) for window in situation.windows],
        waiting=mine.urgent + mine.bulk,
        lanes={"urgent": mine.urgent, "bulk": mine.bulk},
        sending=mine.sending,
        latency=situation.latency,
        ends_at=_ends_at(departures, situation, mine.urgent + mine.bulk),
        departures=departures,
        blocked_until=_at(situation.blocked_until) if situation.blocked_until > situation.now else None,
        block_reason=situation.block_reason,
        paused=connection.state == Connection.State.PAUSED,
    )


def _played(budget_id: int) -> _Cached:
    """At most once a second in each process, however many pages show it."""
    with _lock:
        cached = _cache.get(budget_id)
        if cached is None or cached.until < time.monotonic():
            situation = read_situation(Budget.objects.get(pk=budget_id), first=SIMULATED)
            cached = _Cached(time.monotonic() + _FRESH_SECONDS, situation, play(situation))
            _cache[budget_id] = cached
        return cached


def forget() -> None:
    """For whoever must not see a second-old picture."""
    with _lock:
        _cache.clear()


def play(situation: Situation) -> dict[int, float]:
    """Delivery id -> departure, in seconds since the epoch. Every step is index arithmetic on the sorted slots."""
    queue = situation.in_turns()
    held = list(situation.held)
    left = situation.bulk
    now = max(situation.now, situation.blocked_until)
    departures: dict[int, float] = {}
    order = _Order(queue)
    while (chosen := order.first(now)) is not None or order.later:
        if chosen is None:
            now = max(now, order.later[0][0])
            continue
        backlog = None if chosen.urgent else left
        leaves = max(now, *(_slot(held, window, backlog, now) for window in situation.windows))
        if leaves > now and order.changes_before(leaves):
            now = max(now, order.later[0][0])
            continue
        now = leaves
        departures[chosen.delivery_id] = now
        left -= not chosen.urgent
        held.append(now + situation.latency)
        order.departed(chosen, now + situation.latency)
        if situation.probing and len(departures) == 1:
            now += situation.latency
    return departures


def _slot(held: Sequence[float], window: Window, backlog: int | None, now: float) -> float:
    """The moment at which fewer slots than allowed are held; `held` is sorted."""

    def freed(allowed: int) -> float:
        place = len(held) - allowed
        return now if place < 0 else held[min(place, len(held) - 1)] + window.seconds

    allowed = window.allowance(backlog)
    until = window.elsewhere_until
    if until is None:
        return freed(allowed)
    return min(freed(allowed), max(freed(allowed + window.elsewhere), until.timestamp()))


class _Order:
    """Who is next: by place in the queue among those that are due and whose lane is free."""

    def __init__(self, queue: Sequence[Waiting]) -> None:
        self.later: list[tuple[float, int, Waiting]] = []
        self._ready: list[tuple[int, Waiting]] = []
        self._lanes: dict[UUID, list[tuple[int, int, int, Waiting]]] = {}
        for place, one in enumerate(queue):
            lane = self._lanes.setdefault(one.lane, [])
            heapq.heappush(lane, (one.rank, one.delivery_id, place, one))
        for lane in self._lanes.values():
            self._release(lane, 0.0)

    def first(self, now: float) -> Waiting | None:
        while self.later and self.later[0][0] <= now:
            _, place, one = heapq.heappop(self.later)
            heapq.heappush(self._ready, (place, one))
        return self._ready[0][1] if self._ready else None

    def changes_before(self, leaves: float) -> bool:
        """Whether somebody becomes ready who stands further in front."""
        return any(at <= leaves and place < self._ready[0][0] for at, place, _ in self.later[:1])

    def departed(self, one: Waiting, answered: float) -> None:
        heapq.heappop(self._ready)
        self._release(self._lanes[one.lane], answered)

    def _release(self, lane: list[tuple[int, int, int, Waiting]], free_at: float) -> None:
        """The next of the lane may leave once it is due and the one before it was answered."""
        if lane:
            *_, place, one = heapq.heappop(lane)
            heapq.heappush(self.later, (max(free_at, one.due_at), place, one))


def _gauge(situation: Situation, window: Window) -> WindowGauge:
    inside = [at for at in situation.held if at > situation.now - window.seconds]
    used = len(inside) + window.elsewhere
    resets_in = max(0.0, inside[0] + window.seconds - situation.now) if inside else 0.0
    return WindowGauge(window.limit, window.seconds, used, window.reserve, resets_in)


def _ends_at(departures: dict[int, datetime], situation: Situation, waiting: int) -> datetime | None:
    """Beyond what is played, at the pace of the slowest window."""
    if not departures:
        return None
    pace = min((window.limit - window.reserve) / window.seconds for window in situation.windows)
    beyond = max(0, waiting - len(departures))
    return max(departures.values()) + timedelta(seconds=beyond / pace)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
