"""The page of the API keys."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.accounts.api_keys import authenticate_key, digest_of
from dashboard.accounts.models import ApiKey
from dashboard.events.models import Event
from tests.cast import ClientOf

KEY = re.compile(r"cs_live_[A-Za-z0-9_-]{43}")


def creates(client: Client, label: str = "ERP", scopes: tuple[str, ...] = ("orders:write",), key_id: str = ""):
    return client.post("/settings/keys/create", {"label": label, "scopes": scopes, "key_id": key_id})


def test_mara_creates_a_key_and_sees_it_once(client_of: ClientOf, mara: Member) -> None:
    client = client_of(mara)
    assert b"No keys yet" in client.get("/settings/keys").content
    answer = creates(client)
    assert answer.status_code == 200
    assert "no-cache" in answer["Cache-Control"]
    raw = KEY.search(answer.content.decode())
    assert raw is not None
    key = ApiKey.objects.get()
    assert bytes(key.digest) == digest_of(raw[0])
    assert (key.label, key.scopes, key.created_by) == ("ERP", ["orders:write"], mara.user)
    assert authenticate_key(raw[0]) == key
    event = Event.objects.get()
    assert (event.kind, event.subject, event.data) == ("key.issued", f"key:{key.pk}", {"scopes": ["orders:write"]})
    page = client.get("/settings/keys").content.decode()
    assert raw[0] not in page
    assert f"{key.prefix}…" in page


def test_sending_the_form_twice_makes_one_key(client_of: ClientOf, mara: Member) -> None:
    client = client_of(mara)
    once = str(client.get("/settings/keys").context["form"]["key_id"].value())
    assert creates(client, key_id=once).status_code == 200
    again = creates(client, key_id=once)
    assert again.status_code == 422
    assert b"This key was created already" in again.content
    assert ApiKey.objects.count() == Event.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "marked"),
    [
        ({"label": "  "}, "id_label_error"),
        ({"label": "x" * 81}, "id_label_error"),
        ({"label": "x\0"}, "id_label_error"),
        ({"scopes": ()}, "id_scopes_error"),
        ({"scopes": ("everything",)}, "id_scopes_error"),
    ],
)
def test_what_can_not_be_taken_is_marked(client_of: ClientOf, mara: Member, fields: dict, marked: str) -> None:
    answer = creates(client_of(mara), **fields)
    assert answer.status_code == 422
    assert marked in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_a_revoked_key_opens_nothing_from_then_on(client_of: ClientOf, mara: Member, mara_key: str) -> None:
    client, key = client_of(mara), ApiKey.objects.get()
    url = f"/settings/keys/{key.pk}/revoke"
    assert "This can't be undone." in client.get(url).content.decode()
    assert authenticate_key(mara_key) == key
    assert client.post(url)["Location"] == "/settings/keys"
    assert authenticate_key(mara_key) is None
    page = client.get("/settings/keys").content.decode()
    assert "Revoked" in page
    assert url not in page


def test_revoking_twice_changes_nothing_and_says_so(client_of: ClientOf, mara: Member, mara_key: str) -> None:
    client, key = client_of(mara), ApiKey.objects.get()
    url = f"/settings/keys/{key.pk}/revoke"
    client.post(url)
    first = ApiKey.objects.get().revoked_at
    assert b"was revoked already" in client.post(url, follow=True).content
    assert ApiKey.objects.get().revoked_at == first
    assert list(Event.objects.values_list("kind", flat=True)) == ["key.issued", "key.revoked"]


def test_keys_come_newest_first_and_page_by_page(client_of: ClientOf, mara: Member) -> None:
    now = timezone.now()
    for number in range(60):
        key = ApiKey.objects.create(
            organization=mara.organization,
            label=f"key {number:02}",
            prefix="cs_live_",
            digest=uuid.uuid4().bytes * 2,
            scopes=[],
        )
        ApiKey.objects.filter(pk=key.pk).update(created_at=now - timedelta(minutes=number // 2))
    client = client_of(mara)
    first = client.get("/settings/keys")
    second = client.get(first.context["next_url"])
    seen = [key.label for page in (first, second) for key in page.context["page"].keys]
    assert len(first.context["page"].keys) == 50
    assert sorted(seen) == [f"key {number:02}" for number in range(60)]
    assert second.context["next_url"] is None
    assert client.get("/settings/keys?after=nonsense").context["page"].keys == first.context["page"].keys


def test_sam_and_visitors_see_and_make_no_keys(client_of: ClientOf, client: Client, sam: Member, mara_key: str) -> None:
    key = ApiKey.objects.get()
    for path in ("/settings/keys/create", f"/settings/keys/{key.pk}/revoke"):
        assert client_of(sam).post(path).status_code == 403
        assert client.post(path)["Location"] == "/sign-in?next=/"
    assert client_of(sam).get("/settings/keys").status_code == 403
    assert client.get("/settings/keys")["Location"] == "/sign-in?next=/settings/keys"
    assert ApiKey.objects.get().revoked_at is None


def test_vera_can_not_tell_northwinds_key_from_none(client_of: ClientOf, vera: Member, mara_key: str) -> None:
    key = ApiKey.objects.get()
    client = client_of(vera)
    for pk in (key.pk, uuid.uuid4()):
        assert client.get(f"/settings/keys/{pk}/revoke").status_code == 404
        assert client.post(f"/settings/keys/{pk}/revoke").status_code == 404
    assert "ERP" not in client.get("/settings/keys").content.decode()
    assert ApiKey.objects.get().revoked_at is None


def test_links_change_nothing(client_of: ClientOf, mara: Member, mara_key: str) -> None:
    client, key = client_of(mara), ApiKey.objects.get()
    assert client.get("/settings/keys/create").status_code == 405
    assert client.put(f"/settings/keys/{key.pk}/revoke").status_code == 405
    assert client.post("/settings/keys").status_code == 405
    assert ApiKey.objects.get().revoked_at is None
