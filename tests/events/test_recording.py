"""Events are collected, appended last, all or none."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest

from dashboard.accounts.models import ApiKey, Organization, User
from dashboard.events.chain import body_hash
from dashboard.events.models import ChainHead, Event, EventBody
from dashboard.events.recording import SYSTEM, Actor, Log, recording

pytestmark = pytest.mark.django_db
PACKER = Actor("user:0b2e3f9a-0000-4000-8000-000000000001", "req-1")


def kinds(organization: Organization) -> list[tuple[int, str]]:
    return list(Event.objects.filter(organization=organization).order_by("seq").values_list("seq", "kind"))


def test_events_get_the_next_numbers_in_the_order_they_were_recorded(depot: Organization) -> None:
    with recording(depot, PACKER) as log:
        log.record("parcel.packed", subject="parcel:1", data={"count": 2})
        log.record("parcel.lost", subject="parcel:1")
    with recording(depot, PACKER) as log:
        log.record("parcel.packed", subject="parcel:2", data={"count": 1})

    assert kinds(depot) == [(1, "parcel.packed"), (2, "parcel.lost"), (3, "parcel.packed")]
    last = Event.objects.get(organization=depot, seq=3)
    head = ChainHead.objects.get(organization=depot)
    assert (head.event_seq, bytes(head.event_hash)) == (3, bytes(last.hash))
    assert (last.actor, last.request_id, last.data) == (PACKER.ref, "req-1", {"count": 1})


def test_a_body_is_kept_apart_and_hashed(depot: Organization) -> None:
    with recording(depot, PACKER) as log:
        log.record("parcel.labelled", subject="parcel:1", body={"to": ["Ann", "Bea"], "by": None})

    event = Event.objects.get(organization=depot)
    assert event.data == {}
    assert event.body.text == '{"by":null,"to":["Ann","Bea"]}'
    assert bytes(event.body_hash) == body_hash(event.body.text)


def test_nothing_is_locked_before_the_end(depot: Organization) -> None:
    with recording(depot, PACKER) as log:
        log.record("parcel.lost", subject="parcel:1")
        assert not ChainHead.objects.filter(organization=depot).exists()


def test_a_failed_transaction_leaves_no_events(depot: Organization) -> None:
    def lose() -> None:
        with recording(depot, PACKER) as log:
            log.record("parcel.lost", subject="parcel:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lose()

    assert kinds(depot) == []


def test_a_nested_recording_joins_and_keeps_the_outer_actor(depot: Organization) -> None:
    with recording(depot, PACKER) as outer:
        outer.record("parcel.packed", subject="parcel:1", data={"count": 1})
        with recording(depot, SYSTEM) as inner:
            inner.record("parcel.lost", subject="parcel:1")
        outer.record("parcel.labelled", subject="parcel:1")
        assert kinds(depot) == []

    assert [kind for _, kind in kinds(depot)] == ["parcel.packed", "parcel.lost", "parcel.labelled"]
    assert set(Event.objects.values_list("actor", flat=True)) == {PACKER.ref}


def test_a_nested_recording_that_fails_takes_its_own_events_with_it(depot: Organization, annex: Organization) -> None:
    def lose() -> None:
        with recording(depot, PACKER) as inner, recording(annex, PACKER) as other:
            inner.record("parcel.lost", subject="parcel:1")
            other.record("parcel.lost", subject="parcel:9")
            connection.cursor().execute("SELECT 1/0")

    with recording(depot, PACKER) as outer:
        outer.record("parcel.packed", subject="parcel:1", data={"count": 1})
        with pytest.raises(DatabaseError):
            lose()
        outer.record("parcel.labelled", subject="parcel:1")

    assert kinds(depot) == [(1, "parcel.packed"), (2, "parcel.labelled")]
    assert kinds(annex) == []


def test_nested_organizations_each_get_their_own_chain(depot: Organization, annex: Organization) -> None:
    with recording(depot, PACKER) as here, recording(annex, SYSTEM) as there:
        here.record("parcel.lost", subject="parcel:1")
        there.record("parcel.packed", subject="parcel:1", data={"count": 1})

    assert kinds(depot) == [(1, "parcel.lost")]
    assert kinds(annex) == [(1, "parcel.packed")]
    assert Event.objects.get(organization=annex).actor == "system"


def test_recording_after_the_end_is_refused(depot: Organization) -> None:
    with recording(depot, PACKER) as log:
        pass
    with pytest.raises(RuntimeError, match=r"parcel\.lost was recorded after"):
        log.record("parcel.lost", subject="parcel:1")


def test_an_unregistered_kind_is_refused(depot: Organization) -> None:
    with pytest.raises(LookupError, match=r"parcel\.eaten"), recording(depot, PACKER) as log:
        log.record("parcel.eaten", subject="parcel:1")


@pytest.mark.parametrize("data", [{"n": 2**53}, {"n": float("nan")}, {"s": "a\0b"}, {"o": object()}])
def test_data_that_would_not_come_back_the_same_is_refused(depot: Organization, data: dict[str, object]) -> None:
    with (
        pytest.raises(ValueError, match=r"parcel\.lost about parcel:1 cannot be recorded"),
        recording(depot, PACKER) as log,
    ):
        log.record("parcel.lost", subject="parcel:1", data=data)


def test_wake_ups_run_after_the_commit_and_may_fail(
    depot: Organization, django_capture_on_commit_callbacks: object, caplog: pytest.LogCaptureFixture
) -> None:
    woken = []

    def fails() -> None:
        raise OSError("nobody is there")

    with django_capture_on_commit_callbacks(execute=True), recording(depot, PACKER) as log:  # type: ignore[operator]
        log.record("parcel.lost", subject="parcel:1")
        log.after_commit(fails)
        log.after_commit(lambda: woken.append(log.organization))
        assert woken == []

    assert woken == [depot]
    assert kinds(depot) == [(1, "parcel.lost")]
    assert "nobody is there" in caplog.text


def test_the_actor_of_a_request_is_its_key_or_its_user(depot: Organization) -> None:
    user = User(email="ann@depot.example")
    key = ApiKey(organization=depot, label="import")
    person, machine, nobody = HttpRequest(), HttpRequest(), HttpRequest()
    person.user = user
    person.request_id = "r-7"  # type: ignore[attr-defined]
    machine.auth = key  # type: ignore[attr-defined]
    nobody.user = None  # type: ignore[assignment]

    assert Actor.of_request(person) == Actor(f"user:{user.pk}", "r-7")
    assert Actor.of_request(machine) == Actor(f"key:{key.pk}")
    with pytest.raises(ValueError, match="nobody can be named"):
        Actor.of_request(nobody)


@pytest.mark.parametrize("statement", ["UPDATE events_event SET kind = 'x'", "DELETE FROM events_event"])
def test_the_database_refuses_to_rewrite_the_log(depot: Organization, statement: str) -> None:
    with recording(depot, PACKER) as log:
        log.record("parcel.labelled", subject="parcel:1", body={"to": "Ann"})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    EventBody.objects.all().delete()

    assert kinds(depot) == [(1, "parcel.labelled")]


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_gap_free_chain(depot: Organization, annex: Organization) -> None:
    def write(first: Organization, second: Organization) -> None:
        for _ in range(10):
            with recording(first, PACKER) as one, recording(second, PACKER) as two:
                pack(one)
                pack(two)
        connection.close()

    def pack(log: Log) -> None:
        log.record("parcel.packed", subject=f"parcel:{uuid4()}", data={"count": 1})

    pairs = [(depot, annex), (annex, depot), (depot, annex), (annex, depot)]
    writers = [threading.Thread(target=write, args=pair) for pair in pairs]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    for organization in (depot, annex):
        events = Event.objects.filter(organization=organization).order_by("seq")
        assert [event.seq for event in events] == list(range(1, 41))
        times = [event.at for event in events]
        assert times == sorted(times)
