from __future__ import annotations

import pytest
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.registry import Domain, Panel, PortfolioFigure, registry
from tests.cast import ClientOf, JoinAs


@pytest.fixture
def only_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """One app that counts members and keys of each organization; the real ones' panels have their own tests."""
    counting = Domain(
        name="counting",
        panels=lambda member: [Panel("Members", "errors/404.html", {}, order=1)] if member.may("keys.view") else [],
        portfolio=(
            PortfolioFigure("People", "members", "view=all", lambda o: o.memberships.count()),
            PortfolioFigure("Keys", "api-keys", "view=all", lambda o: o.api_keys.count()),
        ),
    )
    monkeypatch.setattr(registry, "domains", {"accounts": registry.domains["accounts"], "counting": counting})


@pytest.fixture
def ines(northwind: Organization, stranger_org: Organization, joins: JoinAs) -> Member:
    joins(stranger_org, "ines@agency.example", "support")
    return joins(northwind, "ines@agency.example", "success_manager")


def test_a_quiet_home_says_that_it_is_quiet(client_of: ClientOf, lena: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "domains", {"accounts": registry.domains["accounts"]})
    answer = client_of(lena).get("/")
    assert answer.status_code == 200
    assert b"All quiet here" in answer.content
    assert b"Northwind Traders" in answer.content


def test_figures_of_the_only_organization_lead_to_what_waits(
    client_of: ClientOf, lena: Member, otto: Member, only_counting: None
) -> None:
    page = client_of(lena).get("/").content.decode()
    assert "People" in page
    assert "/settings/members?org=northwind&amp;view=all" in page
    assert "Keys" not in page  # a team lead sees none
    assert "All quiet here" not in page


def test_panels_are_for_those_who_may_see_them(client_of: ClientOf, mara: Member, only_counting: None) -> None:
    answer = client_of(mara).get("/")
    assert [panel.title for panel in answer.context["panels"]] == ["Members"]
    assert b"All quiet here" not in answer.content


def test_ines_sees_what_waits_where(client_of: ClientOf, ines: Member, vera: Member, only_counting: None) -> None:
    answer = client_of(ines).get("/")
    entries = answer.context["entries"]
    assert [entry.organization.slug for entry in entries] == ["contoso", "northwind"]
    contoso, northwind = entries
    assert [(f.label, f.count) for f in contoso.figures] == [("People", 2), ("Keys", None)]  # support sees no keys
    assert [(f.label, f.count) for f in northwind.figures] == [("People", 1), ("Keys", 0)]
    assert "/settings/members?org=contoso&amp;view=all" in answer.content.decode()
    assert "/settings/keys?org=contoso" not in answer.content.decode()


def test_visitors_are_led_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/sign-in?next=/"


def test_home_takes_no_changes(client_of: ClientOf, mara: Member) -> None:
    assert client_of(mara).post("/").status_code == 405
