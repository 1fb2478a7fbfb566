"""The demo: Northwind's people, and a sandbox organization that stands in for their factory over real HTTP.

Seeding again completes what is missing and changes nothing else, so it may run at every start.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from dashboard.accounts.api_keys import authenticate_key, issue_key
from dashboard.accounts.models import Membership, Organization, Role, User
from dashboard.accounts.services.members import add_member
from dashboard.accounts.services.organizations import create_organization
from dashboard.events.recording import SYSTEM
from dashboard.registry import registry
from dashboard.upstream.models import Connection, System
from dashboard.upstream.services.connections import NewConnection, change_address, connect

# Known to everyone, which is why only the demo ever sets it.
PASSWORD = "countersign-demo"  # noqa: S105
NORTHWIND, SANDBOX = "northwind", "sandbox"
API_KEY_LABEL, RELAY_KEY_LABEL = "Demo ERP", "Relay of Northwind Traders"
SCOPES = ["orders:write"]


@dataclass(frozen=True)
class Person:
    role: Role
    email: str
    name: str


OWNER = Person(Role.OWNER, "otto@northwind.example", "Otto Berg")
PEOPLE = (
    Person(Role.SUCCESS_MANAGER, "mara@northwind.example", "Mara Lindt"),
    Person(Role.TEAM_LEAD, "lena@northwind.example", "Lena Falk"),
    Person(Role.SUPPORT, "sam@northwind.example", "Sam Oduya"),
    OWNER,
)


def seed_demo() -> dict[str, Any]:
    """Logins and keys as `manage.py demo` prints them."""
    northwind = _organization("Northwind Traders", NORTHWIND)
    sandbox = _organization("Sandbox Factory", SANDBOX)
    for person in PEOPLE:
        _member(northwind, person)
    _connected(northwind, sandbox)
    for domain in registry.domains.values():
        if domain.seed is not None:
            domain.seed(northwind, timezone.now())
    report = {
        "url": settings.PUBLIC_URL,
        "logins": [
            {"role": person.role.value, "email": person.email, "password": PASSWORD, "org": NORTHWIND}
            for person in PEOPLE
        ],
        "keys": [{"org": NORTHWIND, "label": API_KEY_LABEL, "scopes": SCOPES, "key": _api_key(northwind)}],
    }
    _keep(report)
    return report


def _organization(name: str, slug: str) -> Organization:
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        found = create_organization(name=name, slug=slug, owner_email=OWNER.email, actor=SYSTEM).organization
    return found


def _member(organization: Organization, person: Person) -> None:
    if not Membership.objects.filter(organization=organization, user__email=person.email).exists():
        add_member(organization=organization, actor=SYSTEM, email=person.email, roles=[person.role])
    # Only as long as nobody has signed in and chosen a password of their own.
    User.objects.filter(email=person.email, must_change_password=True).update(
        name=person.name, password=make_password(PASSWORD), must_change_password=False
    )


def _connected(northwind: Organization, sandbox: Organization) -> None:
    url = f"{settings.PUBLIC_URL}/api/v1/public"
    found = Connection.objects.filter(organization=northwind, system=System.HESH).first()
    if found is not None:
        change_address(organization=northwind, actor=SYSTEM, connection_id=found.pk, base_url=url)
        return
    secret = issue_key(organization=sandbox, actor=SYSTEM, label=RELAY_KEY_LABEL, scopes=SCOPES).raw
    made = NewConnection(
        system=System.HESH, base_url=url, secret=secret, label="Sandbox Factory", tenant=str(sandbox.pk)
    )
    connect(organization=northwind, actor=SYSTEM, connection=made)


def _api_key(organization: Organization) -> str:
    """A key is known in clear only where it was printed: in what the last start of the demo kept."""
    for kept in _kept_keys():
        key = authenticate_key(kept["key"])
        if kept["label"] == API_KEY_LABEL and key is not None and key.organization_id == organization.pk:
            return str(kept["key"])
    return issue_key(organization=organization, actor=SYSTEM, label=API_KEY_LABEL, scopes=SCOPES).raw


def _kept_in() -> Path:
    return Path(settings.VAR) / "demo.json"


def _keep(report: dict[str, Any]) -> None:
    unfinished = _kept_in().with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(report))
    unfinished.replace(_kept_in())


def _kept_keys() -> list[dict[str, Any]]:
    try:
        keys: list[dict[str, Any]] = json.loads(_kept_in().read_text())["keys"]
    except (FileNotFoundError, ValueError, KeyError):
        return []
    return keys
