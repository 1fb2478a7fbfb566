from __future__ import annotations

import pytest
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from tests.cast import PASSWORD, ClientOf

NEW = "eleven purple llamas"


def change(client: Client, current: str = PASSWORD, new: str = NEW, again: str = NEW):
    return client.post("/password", {"current": current, "new": new, "again": again})


def test_mara_changes_her_password_and_only_this_session_stays(client_of: ClientOf, mara: Member) -> None:
    here, elsewhere = client_of(mara), client_of(mara)
    before = here.session.session_key
    assert here.get("/password").status_code == 200
    answer = change(here)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    mara.user.refresh_from_db()
    assert mara.user.check_password(NEW)
    assert here.get("/").status_code == 200
    assert here.session.session_key != before
    assert elsewhere.get("/").status_code == 302
    event = Event.objects.get()
    assert (event.kind, event.actor, event.data) == ("member.password_changed", f"user:{mara.user.pk}", {})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"current": "not it"}, "This is not your current password."),
        ({"again": "another one"}, "This is not the same as the new password."),
        ({"new": "short", "again": "short"}, "at least 12 characters"),
        ({"new": "password1234", "again": "password1234"}, "too common"),
        ({"new": "mara@northwind.example", "again": "mara@northwind.example"}, "too similar"),
        ({"new": PASSWORD, "again": PASSWORD}, "differs from the current one"),
        ({"new": "", "again": ""}, "required"),
    ],
)
def test_what_can_not_be_taken_is_said_and_changes_nothing(
    client_of: ClientOf, mara: Member, fields: dict[str, str], sentence: str
) -> None:
    answer = change(client_of(mara), **fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    mara.user.refresh_from_db()
    assert mara.user.check_password(PASSWORD)
    assert not Event.objects.exists()


def test_visitors_are_led_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/password")["Location"] == "/sign-in?next=/password"
    assert change(client)["Location"] == "/sign-in?next=/"


def test_other_methods_are_not_taken(client_of: ClientOf, mara: Member) -> None:
    assert client_of(mara).delete("/password").status_code == 405


@pytest.fixture
def new_mara(mara: Member) -> Member:
    mara.user.must_change_password = True
    mara.user.save()
    return mara


@pytest.mark.parametrize("path", ["/", "/settings/keys", "/settings/members", "/nothing-here", "/?org=northwind"])
def test_a_password_that_others_know_opens_nothing(client_of: ClientOf, new_mara: Member, path: str) -> None:
    client = client_of(new_mara)
    assert client.get(path)["Location"] == "/password"
    assert client.post(path)["Location"] == "/password"


def test_fragments_lead_there_as_a_whole_page(client_of: ClientOf, new_mara: Member) -> None:
    answer = client_of(new_mara).get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/password")


def test_after_the_change_everything_opens(client_of: ClientOf, new_mara: Member) -> None:
    client = client_of(new_mara)
    assert b"Someone else has seen your password" in client.get("/password").content
    change(client)
    assert client.get("/").status_code == 200
    new_mara.user.refresh_from_db()
    assert not new_mara.user.must_change_password


def test_signing_out_is_still_possible(client_of: ClientOf, new_mara: Member) -> None:
    client = client_of(new_mara)
    assert client.post("/sign-out")["Location"] == "/sign-in"
