"""What leaves, in which order, and what must not."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from bench.widgets import WidgetAdapter
from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from dashboard.upstream import services
from dashboard.upstream.claim import Round, claim
from dashboard.upstream.clock import database_now
from dashboard.upstream.models import Attempt, Connection, Delivery
from dashboard.upstream.owing import Owed
from dashboard.upstream.settle import settle
from tests.upstream.conftest import connected, delivery_of, owes, send, send_due, widget, widgets, windows
from tests.upstream.fake import Said, Upstream

State = Delivery.State


def ids(found: Round) -> list[int]:
    return [departure.delivery_id for departure in found.departures]


def test_no_more_leave_than_the_smallest_window_allows(connection: Connection) -> None:
    windows(connection, (3, 60.0), (5, 3600.0))
    owes(connection.organization, *widgets(10))
    first, second = claim(connection.budget_id), claim(connection.budget_id)
    assert (len(first.departures), len(second.departures)) == (3, 0)
    deadline = Attempt.objects.order_by("holds_from").values_list("deadline_at", flat=True)[0]
    assert second.next_at == deadline + timedelta(seconds=60)


def test_a_slot_is_held_until_a_full_window_after_the_answer(connection: Connection) -> None:
    windows(connection, (1, 60.0))
    owes(connection.organization, *widgets(2))
    send_due(connection)
    answered = Attempt.objects.get().answered_at
    assert answered is not None
    assert claim(connection.budget_id).next_at == answered + timedelta(seconds=60)
    Attempt.objects.update(answered_at=answered - timedelta(seconds=61))
    assert len(claim(connection.budget_id).departures) == 1


def test_a_request_that_never_began_still_holds_its_slot(connection: Connection, upstream: Upstream) -> None:
    windows(connection, (1, 60.0))
    one = widget()
    owes(connection.organization, one)
    (departure,) = claim(connection.budget_id).departures
    (answer,) = send([departure], late=1.5)
    settle(attempt_id=departure.attempt_id, answer=answer)
    assert upstream.heard == []
    assert Attempt.objects.get().outcome == Attempt.Outcome.NOT_SENT
    assert delivery_of(one).state == State.WAITING
    assert claim(connection.budget_id).departures == ()


def test_the_queue_is_kept_in_the_order_of_owing(connection: Connection) -> None:
    owed = widgets(5)
    owes(connection.organization, *owed)
    windows(connection, (3, 60.0))
    assert ids(claim(connection.budget_id)) == [delivery_of(one).pk for one in owed[:3]]


def test_connections_of_one_budget_take_turns(
    northwind: Organization, stranger_org: Organization, adapter: WidgetAdapter, upstream: Upstream
) -> None:
    mine, theirs = (connected(one, upstream.url, secret="shared") for one in (northwind, stranger_org))
    assert mine.budget_id == theirs.budget_id
    windows(mine, (3, 60.0), (6, 3600.0))
    owes(northwind, *widgets(20))
    owes(stranger_org, *widgets(2))
    first = Delivery.objects.in_bulk(ids(claim(mine.budget_id))).values()
    assert sorted(one.organization.slug for one in first) in (
        ["contoso", "northwind", "northwind"],
        ["contoso", "contoso", "northwind"],
    )
    Attempt.objects.update(deadline_at=database_now() - timedelta(seconds=61))
    second = Delivery.objects.in_bulk(ids(claim(mine.budget_id))).values()
    assert sum(one.organization == stranger_org for one in [*first, *second]) == 2


def test_a_paused_connection_is_left_alone_and_goes_on_when_resumed(connection: Connection) -> None:
    owes(connection.organization, widget())
    about = {"organization": connection.organization, "actor": SYSTEM, "connection_id": connection.pk}
    services.pause_connection(**about, reason="Stocktaking")
    assert claim(connection.budget_id).departures == ()
    services.resume_connection(**about)
    assert len(claim(connection.budget_id).departures) == 1


def test_a_lane_sends_one_at_a_time_lowest_rank_first(connection: Connection) -> None:
    lane = uuid.uuid4()
    order, tags = Owed(lane, lane=lane, rank=0), Owed(uuid.uuid4(), lane=lane, rank=1)
    owes(connection.organization, tags, order)
    sent = send_due(connection)
    assert ids(sent.round) == [delivery_of(order).pk]
    assert ids(send_due(connection).round) == [delivery_of(tags).pk]


def test_something_urgent_hurries_what_must_leave_before_it(connection: Connection) -> None:
    windows(connection, (1, 60.0))
    lane = uuid.uuid4()
    order, tags = Owed(lane, lane=lane), Owed(uuid.uuid4(), lane=lane, rank=1)
    owes(connection.organization, *widgets(5), order)
    owes(connection.organization, tags, urgent=True)
    assert ids(claim(connection.budget_id)) == [delivery_of(order).pk]


def test_urgent_calls_overtake_and_have_slots_kept_for_them(connection: Connection) -> None:
    windows(connection, (4, 60.0), reserve=[(1, 60.0)])
    owes(connection.organization, *widgets(10))
    assert len(claim(connection.budget_id).departures) == 3
    assert len(claim(connection.budget_id).departures) == 0
    click = widget()
    owes(connection.organization, click, urgent=True)
    assert ids(claim(connection.budget_id)) == [delivery_of(click).pk]


def test_nothing_is_kept_from_a_backlog_that_ends_inside_the_window(connection: Connection) -> None:
    windows(connection, (4, 60.0), reserve=[(1, 60.0)])
    owes(connection.organization, *widgets(4))
    assert len(claim(connection.budget_id).departures) == 4


def test_five_edits_while_waiting_are_one_call_with_the_last_state(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    for revision in range(1, 6):
        owes(connection.organization, Owed(one.subject_id, lane=one.lane, revision=revision))
    send_due(connection)
    send_due(connection)
    assert [heard.body["revision"] for heard in upstream.heard] == [5]
    assert delivery_of(one).acknowledged_revision == 5


def test_owing_what_was_delivered_sends_nothing(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    owes(connection.organization, one)
    send_due(connection)
    owes(connection.organization, one)
    send_due(connection)
    assert len(upstream.heard) == 1


def test_waiting_deliveries_keep_their_place_and_urgency_only_rises(connection: Connection) -> None:
    one = widget()
    owes(connection.organization, one, urgent=True)
    before = delivery_of(one).queued_at
    owes(connection.organization, Owed(one.subject_id, lane=one.lane, revision=2))
    found = delivery_of(one)
    assert (found.queued_at, found.urgent, found.revision) == (before, True, 2)


def test_an_edit_on_its_way_is_sent_again_afterwards(connection: Connection, upstream: Upstream) -> None:
    one = widget()
    newer = Owed(one.subject_id, lane=one.lane, revision=2)
    owes(connection.organization, one)
    (departure,) = claim(connection.budget_id).departures
    owes(connection.organization, newer)
    assert delivery_of(one).state == State.SENDING
    upstream.will_say(Said())
    settle(attempt_id=departure.attempt_id, answer=send([departure])[0])
    assert delivery_of(one).state == State.WAITING
    send_due(connection)
    assert [heard.method for heard in upstream.heard] == ["POST", "PATCH"]
    assert delivery_of(one).state == State.DELIVERED


def test_a_cancel_of_what_was_never_sent_is_no_call(
    connection: Connection, upstream: Upstream, adapter: WidgetAdapter
) -> None:
    one = widget()
    owes(connection.organization, one)
    adapter.workshop.cancelled.add(one.subject_id)
    send_due(connection)
    assert (delivery_of(one).state, upstream.heard) == (State.WITHDRAWN, [])


def test_what_a_person_must_change_first_is_refused_without_a_call(
    connection: Connection, upstream: Upstream, adapter: WidgetAdapter
) -> None:
    one, broken, good = widgets(3)
    adapter.workshop.unsendable.add(one.subject_id)
    adapter.workshop.unbuildable.add(broken.subject_id)
    owes(connection.organization, one, broken, good)
    send_due(connection)
    found = delivery_of(one)
    assert (found.state, found.reason, found.reason_field) == (State.REFUSED, "Give it a colour.", "colour")
    assert delivery_of(broken).state == State.REFUSED
    assert delivery_of(good).state == State.DELIVERED
    assert len(upstream.heard) == 1


@pytest.mark.django_db(transaction=True)
def test_four_claims_at_once_take_each_delivery_once_and_no_slot_too_many(connection: Connection) -> None:
    windows(connection, (30, 60.0))
    owes(connection.organization, *widgets(100))

    def claim_some(_: int) -> list[int]:
        try:
            return [pk for _ in range(5) for pk in ids(claim(connection.budget_id))]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for some in pool.map(claim_some, range(4)) for pk in some]
    assert len(taken) == len(set(taken)) == 30
    assert Attempt.objects.count() == 30
