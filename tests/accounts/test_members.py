from __future__ import annotations

import re

import pytest
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.accounts.models import Membership, User
from dashboard.events.models import Event
from tests.cast import PASSWORD, ClientOf, JoinAs


def adds(client: Client, email: str = "ines@northwind.example", roles: tuple[str, ...] = ("support",), name: str = ""):
    return client.post("/settings/members/add", {"email": email, "name": name, "roles": roles})


def roles_of(member: Member) -> list[str]:
    return list(Membership.objects.get(user=member.user, organization=member.organization).roles)


def test_everyone_sees_who_works_here_and_nobody_else(
    client_of: ClientOf, mara: Member, sam: Member, vera: Member
) -> None:
    page = client_of(sam).get("/settings/members").content.decode()
    assert "mara@northwind.example" in page
    assert "vera@contoso.example" not in page
    assert "Add a member" not in page


def test_otto_adds_ines_who_must_choose_a_password_of_her_own(client_of: ClientOf, otto: Member) -> None:
    answer = adds(client_of(otto), "Ines@Northwind.example", ("support", "team_lead"), name="Ines")
    assert answer.status_code == 200
    assert "no-cache" in answer["Cache-Control"]
    ines = User.objects.get(email="ines@northwind.example")
    assert ines.must_change_password
    assert Membership.objects.get(user=ines).roles == ["team_lead", "support"]
    password = re.search(r'<code class="mono" title="([^"]{22})"', answer.content.decode())
    assert password is not None
    assert ines.check_password(password[1])
    assert password[1] not in client_of(otto).get("/settings/members").content.decode()
    event = Event.objects.get()
    assert (event.kind, event.actor, event.subject) == ("member.added", f"user:{otto.user.pk}", f"user:{ines.pk}")
    assert event.data == {"roles": ["team_lead", "support"]}


def test_adding_someone_again_changes_nothing_and_says_so(client_of: ClientOf, otto: Member, sam: Member) -> None:
    answer = adds(client_of(otto), sam.user.email, ("owner",))
    assert answer.status_code == 422
    assert "sam@northwind.example is a member already." in answer.content.decode()
    assert roles_of(sam) == ["support"]
    assert not Event.objects.exists()


def test_vera_may_work_for_both_and_keeps_her_password(client_of: ClientOf, otto: Member, vera: Member) -> None:
    answer = adds(client_of(otto), vera.user.email)
    assert answer.status_code == 200
    assert b"They have an account already" in answer.content
    vera.user.refresh_from_db()
    assert vera.user.check_password(PASSWORD)
    assert not vera.user.must_change_password
    assert roles_of(vera) == ["success_manager"]


@pytest.mark.parametrize(
    ("fields", "marked"),
    [
        ({"email": "nobody"}, "id_email_error"),
        ({"roles": ()}, "id_roles_error"),
        ({"roles": ("king",)}, "id_roles_error"),
    ],
)
def test_what_can_not_be_taken_is_marked(client_of: ClientOf, otto: Member, fields: dict, marked: str) -> None:
    answer = adds(client_of(otto), **fields)
    assert answer.status_code == 422
    assert marked in answer.content.decode()
    assert Membership.objects.count() == 1


def test_otto_makes_sam_a_team_lead(client_of: ClientOf, otto: Member, sam: Member) -> None:
    url = f"/settings/members/{sam.user.pk}/roles"
    client = client_of(otto)
    assert client.get(url).status_code == 200
    assert client.post(url, {"roles": ["team_lead"]})["Location"] == "/settings/members"
    assert roles_of(sam) == ["team_lead"]
    event = Event.objects.get()
    assert (event.kind, event.data) == ("member.roles_changed", {"roles": [["support"], ["team_lead"]]})
    client.post(url, {"roles": ["team_lead"]})
    assert Event.objects.count() == 1
    assert client.post(url, {"roles": []}).status_code == 422


def test_the_last_owner_stays(client_of: ClientOf, otto: Member, sam: Member) -> None:
    client = client_of(otto)
    for path, fields in (("roles", {"roles": ["support"]}), ("remove", {})):
        answer = client.post(f"/settings/members/{otto.user.pk}/{path}", fields)
        assert answer.status_code == 422
        assert b"This is the last owner. Make someone else an owner first." in answer.content
    assert roles_of(otto) == ["owner"]
    assert not Event.objects.exists()


def test_with_a_second_owner_the_first_may_go(client_of: ClientOf, otto: Member, joins: JoinAs) -> None:
    joins(otto.organization, "olga@northwind.example", "owner")
    client = client_of(otto)
    assert client.post(f"/settings/members/{otto.user.pk}/remove")["Location"] == "/settings/members"
    assert client.get("/settings/members").status_code == 403


def test_otto_removes_sam_whose_next_click_is_refused(client_of: ClientOf, otto: Member, sam: Member) -> None:
    sams_client = client_of(sam)
    assert sams_client.get("/").status_code == 200
    url = f"/settings/members/{sam.user.pk}/remove"
    client = client_of(otto)
    assert b"loses access" in client.get(url).content
    assert client.post(url)["Location"] == "/settings/members"
    assert sams_client.get("/").status_code == 403
    assert not Membership.objects.filter(user=sam.user).exists()
    assert User.objects.filter(pk=sam.user.pk).exists()
    assert client.post(url).status_code == 404
    assert [event.kind for event in Event.objects.all()] == ["member.removed"]


@pytest.mark.parametrize("path", ["add", "{sam}/roles", "{sam}/remove"])
def test_only_owners_change_members(client_of: ClientOf, client: Client, mara: Member, sam: Member, path: str) -> None:
    url = f"/settings/members/{path.format(sam=sam.user.pk)}"
    assert client_of(mara).post(url, {"roles": ["owner"], "email": "x@y.example"}).status_code == 403
    assert client.post(url)["Location"] == "/sign-in?next=/"
    assert client_of(mara).put(url).status_code == 405
    assert roles_of(sam) == ["support"]
    assert Membership.objects.count() == 2


def test_nobody_of_another_organization_can_be_found(client_of: ClientOf, otto: Member, vera: Member) -> None:
    client = client_of(otto)
    missing = "00000000-0000-4000-8000-000000000000"
    for path in ("roles", "remove"):
        stranger, nobody = (
            client.post(f"/settings/members/{pk}/{path}", {"roles": ["owner"]}) for pk in (vera.user.pk, missing)
        )
        assert stranger.status_code == nobody.status_code == 404
    assert roles_of(vera) == ["success_manager"]
