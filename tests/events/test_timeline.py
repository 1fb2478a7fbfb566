"""What happened to something reads as sentences."""

from __future__ import annotations

import pytest
from django.test.utils import CaptureQueriesContext

from dashboard.accounts.models import ApiKey, Organization, User
from dashboard.events.models import EventBody
from dashboard.events.recording import SYSTEM, Actor, recording
from dashboard.events.timeline import timeline
from dashboard.registry import registry

pytestmark = pytest.mark.django_db


def test_the_newest_entry_comes_first_with_names_and_sentences(depot: Organization) -> None:
    ann = User.objects.create_user("ann@depot.example", name="Ann")
    key = ApiKey.objects.create(organization=depot, label="scanner", prefix="p", digest=b"d", scopes=[])
    with recording(depot, Actor.of_user(ann, "r-1")) as log:
        log.record("parcel.packed", subject="parcel:1", data={"count": 3})
        log.record("parcel.packed", subject="parcel:2", data={"count": 9})
    with recording(depot, Actor.of_key(key)) as log:
        log.record("parcel.labelled", subject="parcel:1", body={"to": [None, "Bea"]})
    with recording(depot, SYSTEM) as log:
        log.record("parcel.packed", subject="parcel:1")

    entries = timeline(depot, "parcel:1")

    assert [(entry.seq, entry.actor_name, entry.sentence) for entry in entries] == [
        (4, "Countersign", "packed … of them"),
        (3, "API key scanner", "labelled"),
        (1, "Ann", "packed 3 of them"),
    ]
    assert entries[1].body == {"to": [None, "Bea"]}
    assert (entries[2].body, entries[2].request_id) == (None, "r-1")


def test_a_bulk_command_stands_in_the_timeline_of_all_that_it_touched(depot: Organization, annex: Organization) -> None:
    for organization in (depot, annex):
        with recording(organization, SYSTEM) as log:
            log.record("parcel.labelled", subject="bulk:1", data={"ids": ["1", "2"]})
            log.record("parcel.lost", subject="parcel:3")

    assert [entry.kind for entry in timeline(depot, "parcel:2")] == ["parcel.labelled"]
    assert [entry.kind for entry in timeline(depot, "parcel:3")] == ["parcel.lost"]
    assert [entry.kind for entry in timeline(depot, "order:2")] == []
    assert [entry.kind for entry in timeline(depot, "order:2", also=["parcel:3"])] == ["parcel.lost"]


def test_it_is_read_page_by_page(depot: Organization) -> None:
    with recording(depot, SYSTEM) as log:
        for _ in range(5):
            log.record("parcel.lost", subject="parcel:1")

    first = timeline(depot, "parcel:1", limit=2)
    second = timeline(depot, "parcel:1", limit=2, before=first[-1].seq)

    assert [entry.seq for entry in [*first, *second]] == [5, 4, 3, 2]


def test_an_erased_body_and_a_forgotten_person_leave_their_entry(depot: Organization) -> None:
    ghost = "user:00000000-0000-4000-8000-000000000009"
    with recording(depot, Actor(ghost)) as log:
        log.record("parcel.labelled", subject="parcel:1", body={"to": "Bea"})
    EventBody.objects.all().delete()

    (entry,) = timeline(depot, "parcel:1")

    assert (entry.body, entry.actor_name) == (None, "someone who left")


def test_a_page_costs_the_same_number_of_queries_whatever_is_on_it(
    depot: Organization, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    people = [User.objects.create_user(f"{name}@depot.example") for name in ("ann", "bea", "cy")]
    for person in people:
        with recording(depot, Actor.of_user(person)) as log:
            log.record("parcel.lost", subject="parcel:1")

    with django_assert_num_queries(3):
        assert len(timeline(depot, "parcel:1")) == 3


def test_every_registered_sentence_can_be_filled(depot: Organization) -> None:
    kinds = [kind for domain in registry.domains.values() for kind in domain.event_kinds]
    with recording(depot, SYSTEM) as log:
        for kind in kinds:
            log.record(kind, subject="parcel:1")

    assert all(entry.sentence for entry in timeline(depot, "parcel:1", limit=len(kinds)))
