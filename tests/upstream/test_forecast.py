"""The forecast against what the claim then really does, on a clock that the test moves."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection as database

from dashboard.upstream.adapters import Answer
from dashboard.upstream.claim import claim
from dashboard.upstream.clock import database_now
from dashboard.upstream.forecast import Forecast, forecast, forget
from dashboard.upstream.models import Budget, Connection, Delivery
from dashboard.upstream.settle import settle
from tests.upstream.conftest import owes, send_due, widget, widgets, windows
from tests.upstream.fake import Upstream

ANSWER = Answer(200, body=b'{"id": "w"}')


def fresh(connection: Connection) -> Forecast:
    forget()
    return forecast(connection)


@pytest.fixture
def clock(db: None) -> Callable[[float], None]:
    """The database's clock, moved by hand: another function of its name stands before it, for this transaction."""
    with database.cursor() as cursor:
        cursor.execute("""
            CREATE SCHEMA by_hand;
            CREATE TABLE by_hand.clock AS SELECT pg_catalog.clock_timestamp() AS now_at;
            CREATE FUNCTION by_hand.clock_timestamp() RETURNS timestamptz STABLE LANGUAGE sql
                AS 'SELECT now_at FROM by_hand.clock';
            SET LOCAL search_path = by_hand, public, pg_catalog;
        """)

    def go_on(seconds: float) -> None:
        with database.cursor() as cursor:
            cursor.execute("UPDATE by_hand.clock SET now_at = now_at + %s", [timedelta(seconds=seconds)])

    return go_on


def really_leaving(connection: Connection, latency: float, go_on: Callable[[float], None]) -> dict[int, datetime]:
    """Claims until nothing waits; every answer takes as long as the forecast expects."""
    left: dict[int, datetime] = {}
    flying: list[tuple[datetime, int]] = []
    while Delivery.objects.exclude(state=Delivery.State.DELIVERED).exists():
        found = claim(connection.budget_id, draining=False)
        for departure in found.departures:
            left[departure.delivery_id] = found.now
            heapq.heappush(flying, (found.now + timedelta(seconds=latency), departure.attempt_id))
        moments = [found.next_at] if found.next_at else []
        moment = min([*moments, flying[0][0]] if flying else moments)
        go_on((moment - found.now).total_seconds())
        while flying and flying[0][0] <= moment:
            settle(attempt_id=heapq.heappop(flying)[1], answer=ANSWER)
    return left


def test_departures_are_what_the_claim_then_does(connection: Connection, clock: Callable[[float], None]) -> None:
    windows(connection, (5, 1.0), (12, 10.0), reserve=[(1, 1.0), (2, 10.0)])
    owes(connection.organization, *widgets(40))
    owes(connection.organization, *widgets(3), urgent=True)
    said = fresh(connection)
    actual = really_leaving(connection, said.latency, clock)
    assert said.departures.keys() == actual.keys()
    assert max(abs((said.departures[pk] - actual[pk]).total_seconds()) for pk in actual) < 0.001
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
