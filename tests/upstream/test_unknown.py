"""Unknown outcomes: asked about, sent again, or left to a person; never sent twice, never forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bench.widgets import WidgetAdapter
from dashboard.events.models import Event
from dashboard.events.recording import SYSTEM
from dashboard.upstream import services
from dashboard.upstream import settle as settle_module
from dashboard.upstream.adapters import Answer
from dashboard.upstream.claim import claim
from dashboard.upstream.inquiries import INQUIRY
from dashboard.upstream.models import Attempt, Budget, Connection, Delivery
from dashboard.upstream.owing import Owed
from dashboard.upstream.settle import settle
from dashboard.upstream.sweep import overdue, sweep
from tests.upstream.conftest import delivery_of, owes, send, send_due, widget, widgets
from tests.upstream.fake import Said, Upstream

State = Delivery.State


def later(seconds: float) -> None:
    """As if everything had happened so much earlier."""
    past = timedelta(seconds=seconds)
    for attempt in Attempt.objects.all():
        attempt.claimed_at -= past
        attempt.deadline_at -= past
        attempt.save(update_fields=["claimed_at", "deadline_at"])
    for delivery in Delivery.objects.all():
        delivery.due_at -= past
        delivery.queued_at -= past
        delivery.unknown_since = delivery.unknown_since and delivery.unknown_since - past
        delivery.save(update_fields=["due_at", "queued_at", "unknown_since"])


def test_a_no_counts_only_from_a_late_enough_read_and_then_it_is_sent_again(
    connection: Connection, upstream: Upstream
) -> None:
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(500, b"", keeps=False))
    send_due(connection)
    send_due(connection)
    assert delivery_of(one).state == State.UNKNOWN
    assert claim(connection.budget_id).departures == ()
    later(6.0)
    send_due(connection)
    found = delivery_of(one)
    assert (found.state, found.asks) == (State.WAITING, False)
    send_due(connection)
    assert [heard.method for heard in upstream.heard] == ["POST", "GET", "GET", "POST"]
    assert upstream.created == [str(one.subject_id)]
    assert delivery_of(one).state == State.DELIVERED
    assert Delivery.objects.get(subject_type=INQUIRY).state == State.DELIVERED


def test_one_read_settles_all_unknowns_of_the_connection(connection: Connection, upstream: Upstream) -> None:
    owed = widgets(4)
    owes(connection.organization, *owed)
    upstream.will_say(*(Said(200, cut=0) for _ in range(4)))
    send_due(connection)
    assert {delivery_of(one).state for one in owed} == {State.UNKNOWN}
    send_due(connection)
    assert {delivery_of(one).state for one in owed} == {State.DELIVERED}
    assert len(upstream.calls("GET")) == 1
    assert Event.objects.filter(kind="delivery.delivered").count() == 4


def test_a_cancel_waits_behind_an_unknown_create_and_is_asked_about_itself(
    connection: Connection, upstream: Upstream, adapter: WidgetAdapter
) -> None:
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(200, cut=0))
    send_due(connection)
    adapter.workshop.cancelled.add(one.subject_id)
    owes(connection.organization, Owed(one.subject_id, lane=one.lane, revision=2), urgent=True)
    send_due(connection)
    assert [heard.method for heard in upstream.heard] == ["POST", "GET"]
    upstream.will_say(Said(502, b"<html>", keeps=True))
    send_due(connection)
    assert delivery_of(one).state == State.UNKNOWN
    send_due(connection)
    assert [heard.method for heard in upstream.heard] == ["POST", "GET", "DELETE", "GET"]
    assert delivery_of(one).state == State.DELIVERED


def test_an_update_without_an_answer_is_sent_again_after_its_deadline(
    connection: Connection, upstream: Upstream
) -> None:
    one = widget()
    owes(connection.organization, one)
    send_due(connection)
    owes(connection.organization, Owed(one.subject_id, lane=one.lane, revision=2))
    upstream.will_say(Said(500, b""))
    send_due(connection)
    found = delivery_of(one)
    last = found.attempts.latest("pk")
    assert (found.state, found.due_at >= last.deadline_at) == (State.RETRYING, True)
    later(10.0)
    send_due(connection)
    assert [heard.method for heard in upstream.heard] == ["POST", "PATCH", "PATCH"]
    assert delivery_of(one).state == State.DELIVERED


def test_what_can_not_be_asked_or_repeated_is_left_to_a_person(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    owes(connection.organization, one, subject_type="drawing")
    upstream.will_say(Said(200, cut=0))
    send_due(connection)
    later(60.0)
    send_due(connection)
    found = delivery_of(one, "drawing")
    assert (found.state, found.asks, len(upstream.heard)) == (State.UNKNOWN, False, 1)
    services.retry_delivery(organization=connection.organization, actor=SYSTEM, delivery_id=found.pk)
    send_due(connection)
    assert delivery_of(one, "drawing").state == State.DELIVERED


def test_without_a_read_an_unknown_create_is_left_to_a_person(
    connection: Connection, upstream: Upstream, adapter: WidgetAdapter
) -> None:
    adapter.workshop.offers_read = False
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(500, b""))
    send_due(connection)
    found = delivery_of(one)
    assert (found.state, found.asks) == (State.UNKNOWN, False)
    assert not Delivery.objects.filter(subject_type=INQUIRY).exists()


def test_inquiries_back_off_while_they_fail(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(500, b""), Said(200, b"<html>down for maintenance</html>"))
    send_due(connection)
    sent = send_due(connection)
    inquiry = Delivery.objects.get(subject_type=INQUIRY)
    assert (inquiry.state, inquiry.failures) == (State.RETRYING, 1)
    assert inquiry.due_at > sent.round.now
    assert delivery_of(one).state == State.UNKNOWN


def test_ten_unknown_outcomes_in_a_row_are_given_up(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    owes(connection.organization, one)
    Delivery.objects.update(failures=9)
    upstream.will_say(Said(500, b"", keeps=False))
    send_due(connection)
    later(6.0)
    send_due(connection)
    found = delivery_of(one)
    assert (found.state, len(upstream.calls("POST"))) == (State.GIVEN_UP, 1)


def test_the_sweep_finds_what_a_killed_process_was_sending(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    owes(connection.organization, one)
    claim(connection.budget_id)
    assert overdue() == []
    later(10.0)
    assert sweep() == 1
    found = delivery_of(one)
    assert (found.state, found.attempts.get().outcome) == (State.UNKNOWN, Attempt.Outcome.UNKNOWN)
    assert sweep() == 0


@pytest.mark.parametrize("first", ["sweep", "recorder"])
def test_sweep_and_late_answer_race_and_one_of_them_decides(
    connection: Connection, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    one = widget()
    owes(connection.organization, one)
    (departure,) = claim(connection.budget_id).departures
    answer = send([departure])[0]
    later(10.0)
    inner = settle_module.locked
    gone = Answer(status=None, error="gone")
    rivals = {"sweep": gone, "recorder": answer}

    def locked_after_the_rival(deliveries: list[Delivery]) -> list[Delivery]:
        monkeypatch.setattr(settle_module, "locked", inner)
        assert settle(attempt_id=departure.attempt_id, answer=rivals[first])
        return inner(deliveries)

    monkeypatch.setattr(settle_module, "locked", locked_after_the_rival)
    second = rivals["recorder" if first == "sweep" else "sweep"]
    assert not settle(attempt_id=departure.attempt_id, answer=second)
    expected = {"sweep": State.UNKNOWN, "recorder": State.DELIVERED}[first]
    assert delivery_of(one).state == expected
    assert Event.objects.filter(kind__startswith="delivery.").count() == 1


def test_giving_up_an_unknown_create_and_editing_it_asks_before_sending(
    connection: Connection, upstream: Upstream
) -> None:
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(200, cut=0))
    send_due(connection)
    found = delivery_of(one)
    services.give_up_delivery(organization=connection.organization, actor=SYSTEM, delivery_id=found.pk)
    Delivery.objects.filter(subject_type=INQUIRY).delete()
    owes(connection.organization, Owed(one.subject_id, lane=one.lane, revision=2))
    assert delivery_of(one).state == State.UNKNOWN
    sweep()
    send_due(connection)
    send_due(connection)
    assert [heard.method for heard in upstream.heard] == ["POST", "GET", "PATCH"]
    assert Budget.objects.get().failure_run == 0
