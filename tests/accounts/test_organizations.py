"""Which organization a request is for: the switcher, links that carry one, and what strangers get."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.accounts.models import Membership, Organization
from dashboard.registry import registry
from tests.cast import ClientOf, JoinAs


@pytest.fixture
def ines(northwind: Organization, stranger_org: Organization, joins: JoinAs) -> Member:
    """Works for both."""
    joins(stranger_org, "ines@agency.example", "support")
    return joins(northwind, "ines@agency.example", "success_manager")


def current(client: Client) -> str:
    return str(client.get("/").context["organization"].slug)


def test_ines_switches_and_stays_there(client_of: ClientOf, ines: Member) -> None:
    client = client_of(ines)
    assert current(client) == "northwind"
    answer = client.post("/organizations/switch", {"slug": "contoso", "next": "/settings/members"})
    assert (answer.status_code, answer["Location"]) == (302, "/settings/members")
    assert current(client) == "contoso"
    assert client.get("/").context["member"].roles == {"support"}
    client.post("/organizations/switch", {"slug": "contoso"})
    assert current(client) == "contoso"


def test_the_switch_leads_only_to_this_site(client_of: ClientOf, ines: Member) -> None:
    answer = client_of(ines).post("/organizations/switch", {"slug": "contoso", "next": "https://evil.example"})
    assert answer["Location"] == "/"


def test_a_link_opens_in_its_own_organization_and_loses_the_mark(client_of: ClientOf, ines: Member) -> None:
    client = client_of(ines)
    answer = client.get("/settings/keys?org=contoso&after=x")
    assert (answer.status_code, answer["Location"]) == (302, "/settings/keys?after=x")
    assert current(client) == "contoso"


def test_a_fragment_of_another_organization_moves_the_whole_page(client_of: ClientOf, ines: Member) -> None:
    answer = client_of(ines).get("/?org=contoso", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/"


@pytest.mark.parametrize("slug", ["contoso", "no-such-organization"])
def test_a_stranger_can_not_tell_an_organization_from_none(
    client_of: ClientOf, mara: Member, vera: Member, slug: str
) -> None:
    client = client_of(mara)
    for answer in (client.get(f"/?org={slug}"), client.post("/organizations/switch", {"slug": slug})):
        assert answer.status_code == 404
        assert slug not in answer.content.decode()
    assert current(client) == "northwind"


def test_a_link_switches_nothing(client_of: ClientOf, ines: Member) -> None:
    client = client_of(ines)
    assert client.get("/organizations/switch", {"slug": "contoso"}).status_code == 405
    assert current(client) == "northwind"


def test_visitors_are_led_to_sign_in(client: Client, northwind: Organization) -> None:
    assert client.get("/?org=northwind")["Location"] == "/sign-in?next=/%3Forg%3Dnorthwind"
    assert client.post("/organizations/switch", {"slug": "northwind"})["Location"] == "/sign-in?next=/"


def test_who_is_removed_falls_back_to_where_they_still_belong(client_of: ClientOf, ines: Member) -> None:
    client = client_of(ines)
    Membership.objects.filter(user=ines.user, organization=ines.organization).delete()
    assert current(client) == "contoso"


def test_a_user_without_organizations_is_told_so(client_of: ClientOf, mara: Member) -> None:
    client = client_of(mara)
    Membership.objects.all().delete()
    answer = client.get("/")
    assert answer.status_code == 403
    assert b"not a member of any organization" in answer.content


def test_who_is_asking_costs_three_queries(
    client_of: ClientOf, ines: Member, django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(ines)
    monkeypatch.setattr(registry, "domains", {"accounts": registry.domains["accounts"]})  # badges cost their own
    with django_assert_num_queries(4):  # session, user, memberships with organizations, and the members themselves
        client.get("/settings/members")


def test_a_form_of_the_organization_before_is_refused(ines: Member, stranger_org: Organization) -> None:
    """Two tabs share a session; what was typed for one customer must not be saved for another."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ines.user)
    browser.get("/settings/members", {"org": "northwind"}, follow=True)
    old = {"csrfmiddlewaretoken": browser.cookies[settings.CSRF_COOKIE_NAME].value}
    browser.get("/", {"org": stranger_org.slug}, follow=True)

    answer = browser.post("/organizations/switch", {**old, "slug": "northwind"})

    assert answer.status_code == 403
    assert "opened for another organization" in answer.content.decode()
