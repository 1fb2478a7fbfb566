from __future__ import annotations

from django.contrib.sessions.models import Session
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from tests.cast import ClientOf


def test_mara_signs_out_and_her_session_is_gone(client_of: ClientOf, mara: Member) -> None:
    client = client_of(mara)
    answer = client.post("/sign-out")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in")
    assert client.get("/").status_code == 302
    assert not Session.objects.exists()
    assert Event.objects.get().kind == "member.signed_out"


def test_a_link_signs_nobody_out(client_of: ClientOf, mara: Member) -> None:
    client = client_of(mara)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/").status_code == 200


def test_signing_out_twice_changes_nothing(client_of: ClientOf, mara: Member) -> None:
    client = client_of(mara)
    client.post("/sign-out")
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert Event.objects.count() == 1


def test_another_site_can_sign_nobody_out(mara: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mara.user)
    answer = client.post("/sign-out")
    assert answer.status_code == 403
    assert b"came from another site" in answer.content
    assert client.get("/").status_code == 200
