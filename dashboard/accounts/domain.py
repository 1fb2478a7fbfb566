"""What accounts tell the floor: their places and events, and the permission table of all that no domain app owns."""

from __future__ import annotations

import uuid

from django.urls import reverse

from dashboard.accounts.models import ApiKey, Membership, Organization, Role
from dashboard.registry import Domain, Place, Subject

EVERYONE = frozenset({Role.SUCCESS_MANAGER.value, Role.TEAM_LEAD.value, Role.SUPPORT.value})
SUCCESS_AND_SUPPORT = frozenset({Role.SUCCESS_MANAGER.value, Role.SUPPORT.value})
SUCCESS = frozenset({Role.SUCCESS_MANAGER.value})
OWNER_ONLY: frozenset[str] = frozenset()

PERMISSIONS = {
    "home.view": EVERYONE,
    "members.view": EVERYONE,
    "members.manage": OWNER_ONLY,
    "keys.view": SUCCESS,
    "keys.manage": SUCCESS,
    "connections.view": SUCCESS_AND_SUPPORT,
    "connections.manage": OWNER_ONLY,
    "deliveries.view": SUCCESS_AND_SUPPORT,
    "deliveries.act": SUCCESS_AND_SUPPORT,
    "log.view": SUCCESS_AND_SUPPORT,
}

EVENT_KINDS = {
    "organization.created": "Organization created",
    "member.signed_in": "Signed in",
    "member.signed_out": "Signed out",
    "member.sign_in_failed": "Sign-in failed",
    "member.locked_out": "Sign-in locked after repeated failures",
    "member.password_changed": "Password changed",
    "member.password_reset": "One-time password handed out",
    "member.added": "Member added",
    "member.roles_changed": "Roles changed",
    "member.removed": "Member removed",
    "key.issued": "API key issued",
    "key.revoked": "API key revoked",
}


def resolve(organization: Organization, ref: str) -> Subject | None:
    kind, _, name = ref.partition(":")
    try:
        found = {"user": _user, "key": _key, "organization": _organization}[kind](organization, uuid.UUID(name))
    except ValueError:
        return None
    return Subject(ref, *found) if found else None


def _user(organization: Organization, pk: uuid.UUID) -> tuple[str, str] | None:
    membership = Membership.objects.select_related("user").filter(organization=organization, user_id=pk).first()
    return (membership.user.name or membership.user.email, reverse("members")) if membership else None


def _key(organization: Organization, pk: uuid.UUID) -> tuple[str, str] | None:
    key = ApiKey.objects.filter(organization=organization, pk=pk).first()
    return (f"API key {key.label}", reverse("api-keys")) if key else None


def _organization(organization: Organization, pk: uuid.UUID) -> tuple[str, str] | None:
    return (organization.name, reverse("home")) if organization.pk == pk else None


ACCOUNTS = Domain(
    name="accounts",
    places=(
        Place("Home", "home", "home", "home.view", order=0),
        Place("Members", "members", "users", "members.view", order=90),
        Place("API keys", "api-keys", "key", "keys.view", order=91),
    ),
    permissions=PERMISSIONS,
    event_kinds=EVENT_KINDS,
    subject_types=("user", "key", "organization"),
    resolve=resolve,
)
