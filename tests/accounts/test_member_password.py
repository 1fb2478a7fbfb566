from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from tests.cast import PASSWORD, ClientOf, JoinAs


def url_of(member: Member) -> str:
    return f"/settings/members/{member.user.pk}/password"


def keeps_password(member: Member) -> bool:
    member.user.refresh_from_db()
    return member.user.check_password(PASSWORD)


def test_otto_hands_sam_a_new_password(client_of: ClientOf, otto: Member, sam: Member) -> None:
    sams_client, client = client_of(sam), client_of(otto)
    for _ in range(5):
        Client().post("/sign-in", {"email": sam.user.email, "password": "forgotten"})
    assert b"one-time password" in client.get(url_of(sam)).content
    answer = client.post(url_of(sam))
    assert answer.status_code == 200
    shown = re.search(r'<code class="mono" title="([^"]{22})"', answer.content.decode())
    assert shown is not None
    assert not keeps_password(sam)
    assert sams_client.get("/").status_code == 302
    signing_in = Client()
    assert signing_in.post("/sign-in", {"email": sam.user.email, "password": shown[1]}).status_code == 302
    assert signing_in.get("/")["Location"] == "/password"
    event = Event.objects.get(kind="member.password_reset")
    assert (event.actor, event.subject, event.data) == (f"user:{otto.user.pk}", f"user:{sam.user.pk}", {})


def test_an_owner_gets_hold_of_nobody_elses_member(
    client_of: ClientOf, otto: Member, vera: Member, joins: JoinAs
) -> None:
    joins(otto.organization, vera.user.email, "support")
    answer = client_of(otto).post(url_of(vera))
    assert answer.status_code == 422
    assert b"belongs to other organizations too" in answer.content
    assert keeps_password(vera)
    assert not Event.objects.exists()


def test_strangers_look_like_nobody(client_of: ClientOf, otto: Member, vera: Member) -> None:
    client = client_of(otto)
    for pk in (vera.user.pk, uuid.uuid4()):
        assert client.post(f"/settings/members/{pk}/password").status_code == 404
    assert keeps_password(vera)


@pytest.mark.parametrize("who", ["mara", "visitor"])
def test_only_owners_may(client_of: ClientOf, client: Client, mara: Member, sam: Member, who: str) -> None:
    answer = client_of(mara).post(url_of(sam)) if who == "mara" else client.post(url_of(sam))
    assert answer.status_code == (403 if who == "mara" else 302)
    assert keeps_password(sam)


def test_a_link_changes_nothing(client_of: ClientOf, otto: Member, sam: Member) -> None:
    client = client_of(otto)
    client.get(url_of(sam))
    assert client.put(url_of(sam)).status_code == 405
    assert keeps_password(sam)
