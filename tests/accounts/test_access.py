"""The guard in front of pages, and the one table that it asks."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import AsyncClient, RequestFactory

from dashboard.accounts.access import Member, member_of, requires
from dashboard.accounts.models import Membership
from dashboard.registry import registry
from tests.cast import ClientOf


@requires("keys.view")
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("keys")


@requires("keys.view")
async def async_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("keys")


def asked_by(member: Member | None, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/settings/keys?after=x", headers=headers)
    request.user = member.user if member else AnonymousUser()
    request.member = member
    return request


@pytest.mark.parametrize("view", [page, async_to_sync(async_page)])
class TestRequires:
    def test_lets_mara_in_and_keeps_her_page_to_herself(self, view, mara: Member) -> None:
        answer = view(asked_by(mara))
        assert answer.content == b"keys"
        assert answer["Vary"] == "HX-Request"
        assert "private" in answer["Cache-Control"]

    def test_lets_an_owner_in_everywhere(self, view, otto: Member) -> None:
        assert view(asked_by(otto)).status_code == 200

    def test_tells_sam_whom_to_ask(self, view, sam: Member) -> None:
        with pytest.raises(PermissionDenied, match="Your roles at Northwind Traders don't allow this"):
            view(asked_by(sam))

    def test_sends_visitors_to_sign_in_and_back(self, view, db: None) -> None:
        assert view(asked_by(None))["Location"] == "/sign-in?next=/settings/keys%3Fafter%3Dx"

    def test_moves_the_whole_page_when_a_fragment_was_asked_for(self, view, db: None) -> None:
        answer = view(asked_by(None, **{"HX-Request": "true"}))
        assert (answer.status_code, answer["HX-Redirect"]) == (200, "/sign-in?next=/settings/keys%3Fafter%3Dx")


def test_a_boosted_page_is_led_like_any_other(db: None) -> None:
    answer = page(asked_by(None, **{"HX-Request": "true", "HX-Boosted": "true"}))
    assert (answer.status_code, answer.url) == (302, "/sign-in?next=/settings/keys%3Fafter%3Dx")


def test_roles_are_granted_what_the_table_says(otto: Member, mara: Member, lena: Member, sam: Member) -> None:
    def who(permission: str) -> list[str]:
        return [m.user.email.split("@")[0] for m in (otto, mara, lena, sam) if m.may(permission)]

    assert who("home.view") == who("members.view") == ["otto", "mara", "lena", "sam"]
    assert who("members.manage") == who("connections.manage") == ["otto"]
    assert who("keys.view") == who("keys.manage") == ["otto", "mara"]
    assert who("connections.view") == who("deliveries.view") == ["otto", "mara", "sam"]
    assert who("deliveries.act") == who("log.view") == ["otto", "mara", "sam"]


def test_an_unregistered_permission_is_a_bug_even_for_owners(otto: Member) -> None:
    with pytest.raises(KeyError):
        otto.may("keys.veiw")


def test_templates_ask_the_same_table(mara: Member, sam: Member) -> None:
    template = Template('{% load access %}{% if member|may:"keys.manage" %}yes{% else %}no{% endif %}')
    assert [template.render(Context({"member": who})) for who in (mara, sam, None)] == ["yes", "no", "no"]


def test_every_place_asks_for_a_permission_that_exists() -> None:
    assert {place.permission for place in registry.places()} <= set(registry.permissions())


def test_membership_is_asked_anew(mara: Member) -> None:
    assert member_of(mara.user, mara.organization.pk) == mara
    mara.user.is_active = False
    mara.user.save()
    assert member_of(mara.user, mara.organization.pk) is None
    mara.user.is_active = True
    mara.user.save()
    Membership.objects.all().delete()
    assert member_of(mara.user, mara.organization.pk) is None


@pytest.mark.django_db(transaction=True)
async def test_the_same_page_under_asgi(mara: Member) -> None:
    client = AsyncClient()
    await client.aforce_login(mara.user)
    answer = await client.get("/settings/members")
    assert answer.status_code == 200
    assert answer.context["member"] == mara
    assert (await AsyncClient().get("/settings/members")).status_code == 302


def test_sam_sees_no_key(client_of: ClientOf, sam: Member) -> None:
    answer = client_of(sam).get("/settings/keys")
    assert answer.status_code == 403
    assert "Your roles at Northwind Traders don&#x27;t allow this." in answer.content.decode()
