"""What becomes of a delivery, by what the upstream answers or doesn't."""

from __future__ import annotations

import socket
import time

import pytest

from bench.widgets import WidgetAdapter
from dashboard.accounts.models import Organization
from dashboard.events.models import Event
from dashboard.upstream.models import Attempt, Budget, Connection, Delivery
from tests.upstream.conftest import connected, delivery_of, owes, send_due, widget
from tests.upstream.fake import Said, Upstream

State = Delivery.State


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="delivery.").order_by("seq").values_list("kind", flat=True))


def test_a_good_answer_delivers(connection: Connection, upstream: Upstream, adapter: WidgetAdapter) -> None:
    one = widget()
    owes(connection.organization, one)
    send_due(connection)
    found = delivery_of(one)
    attempt = found.attempts.get()
    assert (found.state, found.acknowledged, found.acknowledged_revision) == (State.DELIVERED, {"revision": 1}, 1)
    assert (attempt.status, attempt.outcome) == (200, Attempt.Outcome.DELIVERED)
    assert attempt.answered_at is not None
    assert upstream.heard[0].headers["x-request-id"] == attempt.request_id
    assert upstream.heard[0].headers["x-api-key"] == "key of Northwind"
    assert adapter.workshop.settled == [(one.subject_id, State.DELIVERED)]
    assert kinds() == ["delivery.delivered"]
    assert Event.objects.get(kind="delivery.delivered").subject == f"widget:{one.subject_id}"


def test_what_was_said_is_kept_without_the_secret(connection: Connection) -> None:
    one = widget()
    owes(connection.organization, one)
    send_due(connection)
    exchange = delivery_of(one).attempts.get().exchange
    assert str(one.subject_id) in exchange.request_body
    assert str(one.subject_id) in exchange.response_body
    kept = f"{exchange.url} {exchange.request_body} {exchange.response_headers} {exchange.response_body}"
    assert "key of Northwind" not in kept
    assert b"key of Northwind" not in bytes(connection.sealed_secret)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_4xx_is_refused_with_reason_and_field_and_never_sent_again(
    connection: Connection, upstream: Upstream, status: int
) -> None:
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(status, b'{"message": "colour must not be empty", "field": "colour"}', keeps=False))
    send_due(connection)
    send_due(connection)
    found = delivery_of(one)
    assert (found.state, found.reason, found.reason_field) == (State.REFUSED, "colour must not be empty", "colour")
    assert len(upstream.heard) == 1
    assert kinds() == ["delivery.refused"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(Said(200, b"<html>Sign in</html>"), id="an HTML page"),
        pytest.param(Said(200, b"\xff\xfe\x00garbage"), id="garbage"),
        pytest.param(Said(200, b"[]"), id="JSON of another shape"),
        pytest.param(Said(301, b"", {"Location": "http://127.0.0.1:1/"}), id="a redirect"),
        pytest.param(Said(500, b'{"message": "oops"}'), id="500"),
        pytest.param(Said(503, b""), id="503"),
        pytest.param(Said(200, cut=0), id="nothing"),
        pytest.param(Said(200, b'{"id": "0123456789"}', cut=7), id="half a body"),
        pytest.param(Said(200, b'{"id": "' + b"0" * (1 << 20) + b'"}'), id="more than it may be"),
    ],
)
def test_an_unreadable_answer_to_a_create_is_unknown_and_asked_about(
    connection: Connection, upstream: Upstream, said: Said
) -> None:
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(said)
    send_due(connection)
    found = delivery_of(one)
    assert (found.state, found.asks) == (State.UNKNOWN, True)
    assert found.reason
    assert found.attempts.get().outcome == Attempt.Outcome.UNKNOWN
    assert kinds() == ["delivery.unknown"]
    send_due(connection)
    assert [heard.method for heard in upstream.heard] == ["POST", "GET"]
    assert delivery_of(one).state == State.DELIVERED


def test_no_answer_before_the_deadline_is_unknown(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(before=lambda: time.sleep(4)))
    send_due(connection, timeout=2.0)
    found = delivery_of(one)
    assert (found.state, found.unknown_since) == (State.UNKNOWN, found.attempts.get().deadline_at)
    assert found.attempts.get().answered_at is None


def test_a_connection_that_never_stood_is_tried_again_with_patience(
    northwind: Organization, adapter: WidgetAdapter
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    connection = connected(northwind, f"http://127.0.0.1:{port}")
    one = widget()
    owes(northwind, one)
    sent = send_due(connection)
    found = delivery_of(one)
    assert (found.state, found.failures) == (State.RETRYING, 1)
    assert found.due_at > sent.round.now
    assert found.attempts.get().outcome == Attempt.Outcome.RETRYING
    assert kinds() == ["delivery.retrying"]


def test_a_refused_key_pauses_the_connection_and_keeps_the_delivery(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    owes(connection.organization, one)
    before = delivery_of(one).queued_at
    upstream.will_say(Said(401, b'{"message": "Unauthorized"}', keeps=False))
    send_due(connection)
    send_due(connection)
    connection.refresh_from_db()
    found = delivery_of(one)
    assert connection.state == Connection.State.PAUSED
    assert "Success Manager" in connection.paused_reason
    assert (found.state, found.queued_at) == (State.WAITING, before)
    assert len(upstream.heard) == 1
    assert Event.objects.filter(kind="connection.paused").count() == 1


def test_five_failures_in_a_row_stop_the_budget(connection: Connection, upstream: Upstream) -> None:
    owes(connection.organization, *(widget() for _ in range(5)))
    upstream.will_say(*(Said(500, b"") for _ in range(5)))
    sent = send_due(connection)
    budget = Budget.objects.get()
    assert budget.failure_run == 5
    assert budget.blocked_until is not None
    assert budget.blocked_until > sent.round.now
    assert send_due(connection).round.departures == ()
