"""New organizations, and which of theirs someone is working for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import EmailField

from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import Membership, Organization, Role, User
from dashboard.accounts.services.members import person_with
from dashboard.events.recording import Actor, recording

_SLUG = re.compile(r"[a-z0-9_-]{1,50}")


@dataclass(frozen=True)
class NewOrganization:
    organization: Organization
    owner: User
    password: str  # empty where the owner had an account already


def create_organization(*, name: str, slug: str, owner_email: str, actor: Actor) -> NewOrganization:
    """The organization with its first owner, or neither."""
    email = _checked(name=name, slug=slug, owner_email=owner_email)
    wanted = Organization(name=name.strip(), slug=slug, key_abbreviation=abbreviation(name))
    with recording(wanted, actor) as log:
        # The rival is another creation under this slug: whoever comes second finds the first one's row.
        organization, created = Organization.objects.get_or_create(
            slug=slug,
            defaults={"id": wanted.pk, "name": wanted.name, "key_abbreviation": wanted.key_abbreviation},
        )
        if not created:
            raise AccountError(f"The slug {slug!r} is taken by {organization.name}; choose another.", field="slug")
        owner, password = person_with(email=email)
        Membership.objects.create(organization=organization, user=owner, roles=[Role.OWNER])
        log.record("organization.created", subject=f"organization:{organization.pk}")
        log.record("member.added", subject=f"user:{owner.pk}", data={"roles": [Role.OWNER]})
    return NewOrganization(organization, owner, password)


def abbreviation(name: str) -> str:
    """Northwind Traders -> NT, Acme -> AC: begins the keys of its orders."""
    words = re.findall(r"[A-Z0-9]+", name.upper())
    initials = "".join(word[0] for word in words)
    return (initials if len(initials) > 1 else "".join(words)[:2] or "OR")[:6]


def _checked(*, name: str, slug: str, owner_email: str) -> str:
    email = owner_email.strip().lower()
    if not name.strip() or len(name) > 120 or not name.isprintable():
        raise AccountError("The name must have 1 to 120 printable characters.", field="name")
    if not _SLUG.fullmatch(slug):
        raise AccountError(f"The slug {slug!r} must be 1 to 50 of a-z, 0-9, - and _.", field="slug")
    try:
        EmailField(max_length=254).run_validators(email)
    except ValidationError as error:
        raise AccountError(f"{owner_email!r} is no e-mail address.", field="owner") from error
    return email
