"""What answers say about the upstream as a whole: 429s, blocks, probes, and rate headers of every quality."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.upstream.claim import claim
from dashboard.upstream.clock import database_now
from dashboard.upstream.models import Attempt, Bucket, Budget, Connection, Delivery
from tests.upstream.conftest import delivery_of, owes, send_due, widget, widgets, windows
from tests.upstream.fake import Said, Upstream

State = Delivery.State


def blocked_for(connection: Connection) -> float:
    budget = Budget.objects.get(pk=connection.budget_id)
    assert budget.blocked_until is not None
    return (budget.blocked_until - database_now()).total_seconds()


def let_block_pass() -> None:
    Budget.objects.update(blocked_until=database_now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({}, 0.0, 3.0),
        ({"X-RateLimit-Reset": "40"}, 35.0, 45.0),
        ({"x-ratelimit-reset": "soon", "Retry-After": "20"}, 15.0, 25.0),
        ({"X-RateLimit-Reset": "-5", "X-RateLimit-Limit": "", "X-RateLimit-Remaining": "nan"}, 0.0, 3.0),
        ({"X-RateLimit-Reset": "inf", "Retry-After": "Tomorrow"}, 0.0, 3.0),
        ({"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}, 80_000.0, 95_000.0),
    ],
)
def test_a_429_stops_the_whole_budget_for_the_longer_of_reset_and_backoff(
    connection: Connection, upstream: Upstream, headers: dict[str, str], least: float, most: float
) -> None:
    windows(connection, (1, 0.001))
    one, two = widgets(2)
    owes(connection.organization, one, two)
    upstream.will_say(Said(429, b"", headers, keeps=False))
    send_due(connection)
    assert delivery_of(one).state == State.RETRYING
    assert claim(connection.budget_id).departures == ()
    assert least <= blocked_for(connection) <= most


def test_after_a_block_one_probe_at_a_time_until_one_is_answered_well(
    connection: Connection, upstream: Upstream
) -> None:
    owes(connection.organization, *widgets(6))
    upstream.will_say(*(Said(429, b"", keeps=False) for _ in range(6)))
    send_due(connection)
    assert Budget.objects.get().block_streak == 1
    let_block_pass()
    upstream.will_say(Said(429, b"", keeps=False))
    assert len(send_due(connection).answers) == 1
    assert Budget.objects.get().block_streak == 2
    let_block_pass()
    probe = claim(connection.budget_id)
    assert len(probe.departures) == 1
    assert claim(connection.budget_id).departures == ()
    Attempt.objects.filter(outcome="").update(outcome=Attempt.Outcome.NOT_SENT)
    Delivery.objects.filter(state=State.SENDING).update(state=State.WAITING)
    assert len(send_due(connection).answers) == 1
    assert Budget.objects.get().block_streak == 0
    assert len(send_due(connection).answers) == 5


def test_headers_tell_what_others_use_up_under_the_same_key(connection: Connection, upstream: Upstream) -> None:
    windows(connection, (10, 60.0))
    owes(connection.organization, widget())
    said = {"x-RATELIMIT-limit": "10", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "30"}
    upstream.will_say(Said(200, headers=said))
    send_due(connection)
    owes(connection.organization, *widgets(9))
    assert [entry[:2] for entry in Budget.objects.get().used_elsewhere] == [[6, 60.0]]
    assert len(claim(connection.budget_id).departures) == 3


def test_our_own_calls_in_the_headers_tighten_nothing(connection: Connection, upstream: Upstream) -> None:
    windows(connection, (10, 60.0))
    owes(connection.organization, *widgets(4))
    said = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "6", "X-RateLimit-Reset": "60"}
    upstream.will_say(*(Said(200, headers=said) for _ in range(4)))
    send_due(connection)
    assert Budget.objects.get().used_elsewhere == []


def test_an_unknown_limit_opens_a_bucket_for_that_operation_alone(connection: Connection, upstream: Upstream) -> None:
    first, *others = widgets(4)
    owes(connection.organization, first)
    said = {"X-RateLimit-Limit": "7", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "30"}
    upstream.will_say(Said(200, headers=said))
    send_due(connection)
    bucket = Bucket.objects.get()
    assert (bucket.operation, bucket.limit, bucket.remaining) == ("create", 7, 1)
    owes(connection.organization, *others)
    drawing = widget()
    owes(connection.organization, drawing, subject_type="drawing")
    claim(connection.budget_id)
    states = [delivery_of(one).state for one in others]
    assert sorted(states) == sorted([State.SENDING, State.WAITING, State.WAITING])
    assert delivery_of(drawing, "drawing").state == State.SENDING
    waiting = Delivery.objects.filter(state=State.WAITING)
    assert {one.due_at for one in waiting} == {bucket.resets_at}


def test_a_bucket_refills_when_its_reset_has_passed(connection: Connection) -> None:
    owes(connection.organization, *widgets(3))
    past = database_now() - timedelta(seconds=1)
    Bucket.objects.create(budget_id=connection.budget_id, operation="create", limit=2, remaining=0, resets_at=past)
    assert len(claim(connection.budget_id).departures) == 2
