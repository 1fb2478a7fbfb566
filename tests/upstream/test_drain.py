"""Drains, the ticker that starts them and the wake-ups that do so sooner, in this process but with its real threads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import redis as redis_client

from dashboard.events.recording import SYSTEM
from dashboard.upstream import recorder, services, wake
from dashboard.upstream.claim import claim
from dashboard.upstream.clock import database_now
from dashboard.upstream.drain import drain, drain_on
from dashboard.upstream.models import Attempt, Budget, Connection, Delivery
from dashboard.upstream.tasks import sweep
from dashboard.upstream.ticker import due_budgets, wake_due
from tests.upstream.conftest import delivery_of, owes, widget, widgets, windows
from tests.upstream.fake import Said, Upstream

pytestmark = pytest.mark.django_db(transaction=True)
State = Delivery.State


def until(claim_holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not claim_holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def all_delivered() -> bool:
    return not Delivery.objects.exclude(state=State.DELIVERED).exists()


def test_a_drain_sends_what_may_leave_and_ends_when_nothing_waits(connection: Connection, upstream: Upstream) -> None:
    windows(connection, (5, 0.2))
    owes(connection.organization, *widgets(12))
    assert drain(connection.budget_id) is False
    until(all_delivered)
    assert sorted(upstream.created) == sorted(str(one.subject_id) for one in Delivery.objects.all())
    assert Budget.objects.get().drained_until is None


def test_a_drain_hands_on_when_its_time_is_over(connection: Connection, redis_connection: redis_client.Redis) -> None:
    windows(connection, (1, 0.9))
    owes(connection.organization, *widgets(5))
    assert drain(connection.budget_id, life=0.5) is True
    assert Budget.objects.get().next_at is not None


def test_a_slow_answer_does_not_keep_a_drain(connection: Connection, upstream: Upstream) -> None:
    owes(connection.organization, widget())
    upstream.will_say(Said(before=lambda: time.sleep(0.5)))
    assert drain(connection.budget_id) is False
    assert Attempt.objects.get().outcome == ""
    assert recorder.finish()
    assert all_delivered()


def test_something_urgent_gets_a_round_of_its_own_beside_a_drain(connection: Connection) -> None:
    one = widget()
    owes(connection.organization, one, urgent=True)
    Budget.objects.update(drained_until=database_now() + timedelta(seconds=30))
    drain_on(connection.budget_id, once=True)
    until(all_delivered)
    lease = Budget.objects.get().drained_until
    assert lease is not None
    assert lease > database_now()


def test_the_ticker_wakes_a_budget_with_work_once(connection: Connection) -> None:
    assert due_budgets() == []
    owes(connection.organization, widget())
    assert due_budgets() == [connection.budget_id]
    assert due_budgets() == []


def test_the_ticker_leaves_alone_what_can_not_leave_yet(connection: Connection) -> None:
    windows(connection, (1, 60.0))
    owes(connection.organization, *widgets(2))
    claim(connection.budget_id)
    Budget.objects.update(drained_until=None)
    assert due_budgets() == []
    about = {"organization": connection.organization, "actor": SYSTEM, "connection_id": connection.pk}
    services.pause_connection(**about)
    Budget.objects.update(next_at=None)
    assert due_budgets() == []


def test_owing_wakes_a_worker_once_and_again_for_something_urgent(
    connection: Connection, redis_connection: redis_client.Redis
) -> None:
    redis_connection.delete("prompt")
    owes(connection.organization, widget())
    assert redis_connection.llen("prompt") == 1
    Budget.objects.update(drained_until=database_now() + timedelta(seconds=30))
    owes(connection.organization, widget())
    assert redis_connection.llen("prompt") == 1
    owes(connection.organization, widget(), urgent=True)
    sent = [json.loads(raw)["headers"] for raw in redis_connection.lrange("prompt", 0, -1)]
    assert {one["task"] for one in sent} == {"dashboard.upstream.tasks.drain"}
    assert sorted(one["kwargsrepr"] for one in sent) == ["{'once': True}", "{}"]


def test_without_redis_changes_are_still_made_and_found_by_the_ticker(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> None:
        raise wake.app.connection_for_write().connection_errors[0]("gone")

    monkeypatch.setattr(wake.app, "send_task", away)
    monkeypatch.setattr(wake, "_silent_until", 0.0)
    one = widget()
    owes(connection.organization, one)
    assert "ticker makes up for it" in caplog.text
    assert due_budgets() == [connection.budget_id]
    monkeypatch.setattr(wake, "_silent_until", 0.0)
    wake_due()
    assert delivery_of(one).state == State.WAITING


def test_the_sweep_task_settles_what_nobody_will_answer(connection: Connection) -> None:
    one = widget()
    owes(connection.organization, one)
    claim(connection.budget_id)
    past = database_now() - timedelta(seconds=60)
    Attempt.objects.update(claimed_at=past, deadline_at=past)
    sweep()
    assert delivery_of(one).state == State.UNKNOWN
