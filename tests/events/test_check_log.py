"""`manage.py check_log` finds whatever someone with the database's own rights has done to the log."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dashboard.accounts.models import Organization
from dashboard.events.models import ChainHead, EventBody
from dashboard.events.recording import SYSTEM, recording

# The check is one read-only snapshot, so it has to be the outermost transaction.
pytestmark = pytest.mark.django_db(transaction=True)

REPEAT_THE_LAST = """
    INSERT INTO events_event
        (organization_id, seq, at, kind, actor, subject, request_id, data, body_hash, hash)
    SELECT organization_id, 6, at, kind, actor, subject, request_id, data, body_hash, hash
    FROM events_event WHERE seq = 5
"""
SWAP = [
    "UPDATE events_event SET seq = 99 WHERE seq = 2",
    "UPDATE events_event SET seq = 2 WHERE seq = 3",
    "UPDATE events_event SET seq = 3 WHERE seq = 99",
]


def check(organization: Organization) -> dict[str, object]:
    out, code = StringIO(), 0
    try:
        call_command("check_log", org=organization.slug, stdout=out)
    except SystemExit as left:
        code = int(left.code or 0)
    found: dict[str, object] = json.loads(out.getvalue())
    assert code == (0 if found["ok"] else 1)
    return found


def tamper(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE events_event ENABLE TRIGGER USER")


@pytest.fixture
def log_of_five(depot: Organization, annex: Organization) -> Organization:
    for organization in (depot, annex):
        for number in range(1, 6):
            with recording(organization, SYSTEM) as log:
                log.record("parcel.packed", subject=f"parcel:{number}", data={"count": number}, body={"by": "Ann"})
    return depot


def test_an_honest_log_is_ok(log_of_five: Organization) -> None:
    head = ChainHead.objects.get(organization=log_of_five)
    assert check(log_of_five) == {"ok": True, "rows": 5, "head": bytes(head.event_hash).hex(), "first_bad_seq": None}


def test_an_empty_log_is_ok(depot: Organization) -> None:
    assert check(depot) == {"ok": True, "rows": 0, "head": "00" * 32, "first_bad_seq": None}


def test_an_erased_body_is_no_finding(log_of_five: Organization) -> None:
    EventBody.objects.filter(event__seq=3).delete()
    assert check(log_of_five)["ok"]


@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        (["UPDATE events_event SET data = '{\"count\": 9}' WHERE seq = 3"], 3),
        (["UPDATE events_event SET actor = 'user:someone' WHERE seq = 1"], 1),
        (["UPDATE events_event SET at = at + interval '1 microsecond' WHERE seq = 5"], 5),
        (["UPDATE events_eventbody SET text = '{}' WHERE event_id IN (SELECT id FROM events_event WHERE seq = 4)"], 4),
        (["DELETE FROM events_eventbody", "DELETE FROM events_event WHERE seq = 2"], 2),
        (["DELETE FROM events_eventbody", "DELETE FROM events_event WHERE seq >= 4"], 4),
        (["DELETE FROM events_eventbody", "DELETE FROM events_event"], 1),
        (SWAP, 2),
        ([REPEAT_THE_LAST], 6),
        (["UPDATE events_chainhead SET event_seq = 4"], 5),
        (["UPDATE events_chainhead SET event_hash = decode(repeat('00', 32), 'hex')"], 5),
        (["DELETE FROM events_chainhead"], 1),
    ],
)
def test_tampering_is_found_at_its_first_row(log_of_five: Organization, statements: list[str], first_bad: int) -> None:
    tamper(*statements)
    found = check(log_of_five)
    assert (found["ok"], found["first_bad_seq"]) == (False, first_bad)


def test_rows_of_another_organization_do_not_fit(log_of_five: Organization) -> None:
    tamper(
        "DELETE FROM events_eventbody",
        "DELETE FROM events_event WHERE organization_id = (SELECT id FROM accounts_organization WHERE slug = 'depot')",
        "UPDATE events_event SET organization_id = (SELECT id FROM accounts_organization WHERE slug = 'depot')",
    )
    assert check(log_of_five)["first_bad_seq"] == 1


def test_an_unknown_organization_is_named(depot: Organization) -> None:
    with pytest.raises(CommandError, match="no organization with the slug nowhere"):
        call_command("check_log", org="nowhere")


def test_a_log_longer_than_one_read_is_walked(depot: Organization) -> None:
    with recording(depot, SYSTEM) as log:
        for number in range(4100):
            log.record("parcel.packed", subject=f"parcel:{number}", data={"count": 1})
    assert check(depot)["rows"] == 4100
