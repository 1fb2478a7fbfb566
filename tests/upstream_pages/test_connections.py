from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.models import Event
from dashboard.upstream.models import Budget, Connection
from tests.upstream_pages.conftest import URL, text

ClientOf = Callable[[Member], Client]
LIST, ADD = "/settings/connections", "/settings/connections/new"
TYPED = {"system": "hesh", "base_url": URL, "secret": "a key of theirs", "label": "Hesh of Northwind"}
POSTS = ("connection-pause", "connection-resume", "connection-test")


def url(connection: Connection, name: str) -> str:
    return reverse(name, args=[connection.pk])


def test_otto_connects_an_upstream_and_nobody_sees_its_key(owner: Client, northwind: Organization) -> None:
    assert owner.post(ADD, TYPED)["Location"] == LIST
    connection = Connection.objects.get(organization=northwind)
    assert (connection.system, connection.base_url, connection.label) == ("hesh", URL, "Hesh of Northwind")
    assert b"a key of theirs" not in bytes(connection.sealed_secret)
    assert "a key of theirs" not in text(owner, LIST)
    assert "Hesh of Northwind" in text(owner, LIST)


def test_connected_twice_it_is_connected_once(owner: Client) -> None:
    owner.post(ADD, TYPED)
    answer = owner.post(ADD, TYPED)
    assert answer.status_code == 400
    assert "is connected to Hesh already" in answer.content.decode()
    assert Connection.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base_url": "ftp://x.example"}, "base_url"),
        ({"base_url": "nonsense"}, "base_url"),
        ({"base_url": ""}, "base_url"),
        ({"secret": ""}, "secret"),
        ({"secret": "nö"}, "secret"),
        ({"system": "other"}, "system"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_key_is_not_repeated(
    owner: Client, changes: dict[str, str], field: str
) -> None:
    answer = owner.post(ADD, {**TYPED, **changes})
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert "a key of theirs" not in answer.content.decode()
    assert not Connection.objects.exists()


def test_a_pause_is_seen_everywhere_and_ends_on_a_click(owner: Client, hesh: Connection) -> None:
    for _ in range(2):
        assert owner.post(url(hesh, "connection-pause"), {"reason": "Their maintenance."}).status_code == 302
    hesh.refresh_from_db()
    assert (hesh.state, hesh.paused_reason) == (Connection.State.PAUSED, "Their maintenance.")
    assert "Their maintenance." in text(owner, LIST)
    assert "Their maintenance." in text(owner, "/deliveries")
    for _ in range(2):
        assert owner.post(url(hesh, "connection-resume")).status_code == 302
    hesh.refresh_from_db()
    assert hesh.state == Connection.State.ACTIVE
    assert Event.objects.filter(kind="connection.paused").count() == 1
    assert Event.objects.filter(kind="connection.resumed").count() == 1


def test_a_pause_without_a_reason_names_who_paused(owner: Client, hesh: Connection) -> None:
    owner.post(url(hesh, "connection-pause"))
    hesh.refresh_from_db()
    assert hesh.paused_reason == "Otto Owner paused it."


def test_another_key_is_another_budget(owner: Client, hesh: Connection) -> None:
    answer = owner.post(url(hesh, "connection-key"), {"secret": "the next key"})
    assert answer["Location"] == LIST
    assert Budget.objects.count() == 2
    before = hesh.budget_id
    hesh.refresh_from_db()
    assert hesh.budget_id != before
    assert owner.post(url(hesh, "connection-key"), {"secret": ""}).status_code == 400
    assert "data-dialog-content" in text(owner, url(hesh, "connection-key"))


@pytest.mark.django_db(transaction=True)
def test_a_test_says_what_came_back(owner: Client, hesh: Connection) -> None:
    assert owner.post(url(hesh, "connection-test"))["Location"] == LIST
    assert "Hesh: " in text(owner, LIST)
    assert Event.objects.filter(kind="connection.tested").count() == 1


def test_who_may_look_changes_nothing(browser: Client, hesh: Connection, sam: Member, client_of: ClientOf) -> None:
    for reader in (browser, client_of(sam)):
        shown = text(reader, LIST)
        assert "Hesh" in shown
        assert "Replace the key" not in shown
        assert {reader.post(url(hesh, name)).status_code for name in (*POSTS, "connection-key")} == {403}
        assert reader.get(ADD).status_code == 403
        assert reader.post(ADD, TYPED).status_code == 403
    assert Connection.objects.get().state == Connection.State.ACTIVE


def test_a_stranger_a_team_lead_and_the_anonymous_see_nothing(
    hesh: Connection, stranger_org: Organization, joins: Callable[..., Member], lena: Member, client_of: ClientOf
) -> None:
    stranger = client_of(joins(stranger_org, "olga@contoso.example", "owner"))
    assert hesh.base_url not in text(stranger, LIST)
    assert {stranger.post(url(hesh, name)).status_code for name in (*POSTS, "connection-key")} == {404}
    assert stranger.get(url(hesh, "connection-key")).status_code == 404
    assert client_of(lena).get(LIST).status_code == 403
    assert Client().get(LIST)["Location"].startswith("/sign-in")
    assert Client().post(url(hesh, "connection-pause"))["Location"].startswith("/sign-in")
    assert Connection.objects.get().state == Connection.State.ACTIVE


def test_reading_and_changing_are_different_methods(owner: Client, hesh: Connection) -> None:
    assert owner.post(LIST).status_code == 405
    assert {owner.get(url(hesh, name)).status_code for name in POSTS} == {405}
    assert owner.delete(ADD).status_code == 405
    assert owner.post(reverse("connection-pause", args=[uuid4()])).status_code == 404
