"""The forecast against what the claim then really does, on a clock that the test moves."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta

import pytest

from dashboard.upstream.adapters import Answer
from dashboard.upstream.claim import claim
from dashboard.upstream.clock import database_now
from dashboard.upstream.forecast import Forecast, forecast, forget
from dashboard.upstream.models import Attempt, Budget, Connection, Delivery
from dashboard.upstream.settle import settle
from tests.upstream.conftest import owes, send_due, widget, widgets, windows
from tests.upstream.fake import Upstream

ANSWER = Answer(200, body=b'{"id": "w"}')


def fresh(connection: Connection) -> Forecast:
    forget()
    return forecast(connection)


def pass_time(seconds: float) -> None:
    """Everything that is written down happened so much earlier: the same as a clock that went on."""
    past = timedelta(seconds=seconds)
    for attempt in Attempt.objects.only("claimed_at", "deadline_at", "answered_at"):
        moved = {"claimed_at": attempt.claimed_at - past, "deadline_at": attempt.deadline_at - past}
        moved["answered_at"] = attempt.answered_at and attempt.answered_at - past
        Attempt.objects.filter(pk=attempt.pk).update(**moved)


def really_leaving(connection: Connection, start: datetime, latency: float) -> dict[int, float]:
    """Claims until nothing waits, answers after `latency`; when each left, in seconds from the start.

    Time is the real one, and what `pass_time` skipped.
    """
    left: dict[int, float] = {}
    flying: list[tuple[float, int]] = []
    skipped = 0.0
    while Delivery.objects.exclude(state=Delivery.State.DELIVERED).exists():
        found = claim(connection.budget_id, draining=False)
        now = (found.now - start).total_seconds() + skipped
        for departure in found.departures:
            left[departure.delivery_id] = now
            heapq.heappush(flying, (now + latency, departure.attempt_id))
        moments = [(found.next_at - found.now).total_seconds()] if found.next_at else []
        moments += [flying[0][0] - now] if flying else []
        step = max(0.0, min(moments) - (database_now() - found.now).total_seconds())
        pass_time(step)
        skipped += step
        while flying and flying[0][0] <= now + min(moments):
            settle(attempt_id=heapq.heappop(flying)[1], answer=ANSWER)
    return left


def test_departures_are_what_the_claim_then_does(connection: Connection) -> None:
    windows(connection, (5, 1.0), (12, 10.0), reserve=[(1, 1.0), (2, 10.0)])
    owes(connection.organization, *widgets(40))
    owes(connection.organization, *widgets(3), urgent=True)
    said = fresh(connection)
    predicted = {pk: (at - said.at).total_seconds() for pk, at in said.departures.items()}
    actual = really_leaving(connection, said.at, said.latency)
    assert predicted.keys() == actual.keys()
    assert max(abs(predicted[pk] - actual[pk]) for pk in actual) < 1.0
    assert said.ends_at == max(said.departures.values())


def test_an_idle_connection_has_empty_windows_and_no_end(connection: Connection) -> None:
    said = fresh(connection)
    assert [(one.limit, one.used, one.resets_in) for one in said.windows] == [(15, 0, 0), (300, 0, 0), (4000, 0, 0)]
    assert (said.waiting, said.ends_at, said.departures) == (0, None, {})


def test_windows_show_what_is_held_and_when_it_is_free(connection: Connection) -> None:
    owes(connection.organization, *widgets(3))
    send_due(connection)
    said = fresh(connection)
    assert [one.used for one in said.windows] == [3, 3, 3]
    assert 3500 < said.windows[2].resets_in <= 3600


def test_waiting_is_told_per_lane(connection: Connection) -> None:
    owes(connection.organization, *widgets(4))
    owes(connection.organization, widget(), urgent=True)
    said = fresh(connection)
    assert (said.waiting, said.lanes) == (5, {"urgent": 1, "bulk": 4})


def test_a_block_moves_every_departure_behind_it(connection: Connection) -> None:
    owes(connection.organization, *widgets(2))
    until = database_now() + timedelta(seconds=90)
    Budget.objects.update(blocked_until=until, block_streak=1, block_reason="429")
    said = fresh(connection)
    assert said.blocked_until is not None
    assert min(said.departures.values()) >= said.blocked_until


def test_a_paused_connection_has_no_departures(connection: Connection) -> None:
    owes(connection.organization, widget())
    Connection.objects.update(state=Connection.State.PAUSED)
    connection.refresh_from_db()
    said = fresh(connection)
    assert (said.paused, said.departures, said.ends_at) == (True, {}, None)


@pytest.mark.parametrize("count", [200])
def test_beyond_what_is_played_the_end_is_extrapolated(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("dashboard.upstream.forecast.SIMULATED", 50)
    windows(connection, (10, 1.0))
    owes(connection.organization, *widgets(count))
    said = fresh(connection)
    last = max(said.departures.values())
    assert len(said.departures) == 50
    assert said.ends_at == last + timedelta(seconds=15)


def test_a_picture_is_kept_for_a_moment(connection: Connection, upstream: Upstream) -> None:
    first = fresh(connection)
    owes(connection.organization, widget())
    assert forecast(connection).at == first.at
    at: datetime = fresh(connection).at
    assert at > first.at
