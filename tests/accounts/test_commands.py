"""`create_org` and `issue_key`, as an operator runs them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.accounts.api_keys import authenticate_key
from dashboard.accounts.models import ApiKey, Membership, Organization, User
from dashboard.events.models import Event
from tests.cast import PASSWORD


def prints(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    (line,) = out.getvalue().splitlines()
    return dict(json.loads(line))


def test_create_org_prints_what_clients_and_the_owner_need(client: Client, db: None) -> None:
    printed = prints("create_org", "Northwind Traders", "--slug", "northwind", "--owner", "Otto@Northwind.Example")
    organization = Organization.objects.get()
    password = printed["owner"].pop("password")
    assert printed == {
        "id": str(organization.pk),
        "slug": "northwind",
        "team_id": "northwind",
        "tenant_id": str(organization.pk),
        "plan": "team",
        "owner": {"email": "otto@northwind.example"},
    }
    assert organization.key_abbreviation == "NT"
    assert Membership.objects.get().roles == ["owner"]
    assert [event.kind for event in Event.objects.order_by("seq")] == ["organization.created", "member.added"]
    client.post("/sign-in", {"email": "otto@northwind.example", "password": password})
    assert client.get("/")["Location"] == "/password"


def test_an_owner_who_has_an_account_keeps_their_password(vera: Member) -> None:
    printed = prints("create_org", "Fabrikam", "--slug", "fabrikam", "--owner", vera.user.email)
    assert printed["owner"] == {"email": vera.user.email, "password": ""}
    vera.user.refresh_from_db()
    assert vera.user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("name", "slug", "owner", "sentence"),
    [
        ("Contoso", "contoso", "a@b.example", "The slug 'contoso' is taken by Contoso; choose another."),
        ("Other", "Not a slug", "a@b.example", "The slug 'Not a slug' must be 1 to 50 of a-z, 0-9, - and _."),
        ("Other", "x" * 51, "a@b.example", "must be 1 to 50 of"),
        ("  ", "other", "a@b.example", "The name must have 1 to 120 printable characters."),
        ("Ot\0her", "other", "a@b.example", "The name must have 1 to 120 printable characters."),
        ("Other", "other", "nobody", "'nobody' is no e-mail address."),
        ("Other", "other", "a" * 250 + "@b.example", "is no e-mail address."),
    ],
)
def test_create_org_says_what_is_wrong_and_leaves_nothing(
    stranger_org: Organization, name: str, slug: str, owner: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        prints("create_org", name, "--slug", slug, "--owner", owner)
    assert Organization.objects.count() == 1
    assert not User.objects.exists()
    assert not Event.objects.exists()


def test_issue_key_prints_the_key_once(northwind: Organization) -> None:
    printed = prints("issue_key", "--org", "northwind", "--label", "ERP", "--scopes", "orders:write, orders:read")
    assert set(printed) == {"id", "key"}
    key = authenticate_key(printed["key"])
    assert key is not None
    assert str(key.pk) == printed["id"]
    assert set(key.scopes) == {"orders:read", "orders:write"}
    assert (key.organization, key.created_by) == (northwind, None)
    event = Event.objects.get()
    assert (event.kind, event.actor) == ("key.issued", "system")


@pytest.mark.parametrize(
    ("org", "label", "scopes", "sentence"),
    [
        ("nowhere", "ERP", "orders:write", "There is no organization 'nowhere'"),
        ("northwind", "ERP", "orders:destroy", "Unknown scope 'orders:destroy'"),
        ("northwind", "ERP", ",", "Name at least one scope"),
        ("northwind", " ", "orders:write", "The label must have 1 to 80 characters"),
    ],
)
def test_issue_key_says_what_is_wrong(
    northwind: Organization, org: str, label: str, scopes: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        prints("issue_key", "--org", org, "--label", label, "--scopes", scopes)
    assert not ApiKey.objects.exists()


def test_both_fail_with_an_exit_code(northwind: Organization) -> None:
    for arguments in (["issue_key", "--org", "northwind"], ["create_org", "Northwind"]):
        with pytest.raises(CommandError, match="the following arguments are required"):
            call_command(*arguments)
