"""The people of every story: Northwind's team, and Vera, who works for someone else and must never see any of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from dashboard.accounts.access import Member, as_member
from dashboard.accounts.api_keys import issue_key
from dashboard.accounts.middleware import SESSION_ORGANIZATION
from dashboard.accounts.models import Membership, Organization, User
from dashboard.events.recording import SYSTEM

PASSWORD = "correct horse battery staple"

ClientOf = Callable[[Member], Client]
JoinAs = Callable[..., Member]


@pytest.fixture
def northwind(db: None) -> Organization:
    return Organization.objects.create(name="Northwind Traders", slug="northwind", key_abbreviation="NW")


@pytest.fixture
def stranger_org(db: None) -> Organization:
    return Organization.objects.create(name="Contoso", slug="contoso", key_abbreviation="CO")


@pytest.fixture
def joins() -> JoinAs:
    """`joins(northwind, "ines@northwind.example", "support")`: another member for a story that needs one."""

    def join(organization: Organization, email: str, *roles: str, name: str = "") -> Member:
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD, name=name)
        return as_member(Membership.objects.create(organization=organization, user=user, roles=list(roles)))

    return join


@pytest.fixture
def otto(northwind: Organization, joins: JoinAs) -> Member:
    return joins(northwind, "otto@northwind.example", "owner", name="Otto Owner")


@pytest.fixture
def mara(northwind: Organization, joins: JoinAs) -> Member:
    return joins(northwind, "mara@northwind.example", "success_manager", name="Mara Lindt")


@pytest.fixture
def lena(northwind: Organization, joins: JoinAs) -> Member:
    return joins(northwind, "lena@northwind.example", "team_lead", name="Lena Falk")


@pytest.fixture
def sam(northwind: Organization, joins: JoinAs) -> Member:
    return joins(northwind, "sam@northwind.example", "support", name="Sam Oduya")


@pytest.fixture
def vera(stranger_org: Organization, joins: JoinAs) -> Member:
    """The stranger."""
    return joins(stranger_org, "vera@contoso.example", "success_manager", name="Vera Stranger")


@pytest.fixture
def client_of() -> ClientOf:
    """A browser in which this member is signed in and works for this organization."""

    def signed_in(member: Member) -> Client:
        client = Client()
        client.force_login(member.user)
        session = client.session
        session[SESSION_ORGANIZATION] = str(member.organization.pk)
        session.save()
        return client

    return signed_in


@pytest.fixture
def mara_key(northwind: Organization, mara: Member) -> str:
    """The text of an API key of Northwind that may write orders."""
    issued = issue_key(organization=northwind, actor=SYSTEM, label="ERP", scopes=["orders:write"], created_by=mara.user)
    return issued.raw
