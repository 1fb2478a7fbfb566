"""Who belongs to an organization, and as what. An organization always keeps an owner."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import Membership, Organization, Role, User
from dashboard.accounts.services.passwords import one_time_password
from dashboard.events.recording import Actor, recording


@dataclass(frozen=True)
class AddedMember:
    membership: Membership
    password: str  # empty where they had an account already


def add_member(
    *, organization: Organization, actor: Actor, email: str, roles: Sequence[str], name: str = ""
) -> AddedMember:
    """With an account of their own from before, they keep its password and may switch between their organizations."""
    with recording(organization, actor) as log:
        user, password = person_with(email=email, name=name)
        membership, created = Membership.objects.get_or_create(
            organization=organization, user=user, defaults={"roles": ordered(roles)}
        )
        if not created:
            raise AccountError(f"{user.email} is a member already. Change their roles below instead.", field="email")
        log.record("member.added", subject=f"user:{user.pk}", data={"roles": membership.roles})
    return AddedMember(membership, password)


def change_roles(*, organization: Organization, actor: Actor, user_id: uuid.UUID, roles: Sequence[str]) -> bool:
    """Says whether anything changed."""
    with recording(organization, actor) as log:
        membership = _locked(organization, user_id, keeps_owner=Role.OWNER in roles)
        before, membership.roles = membership.roles, ordered(roles)
        if before == membership.roles:
            return False
        membership.save(update_fields=["roles"])
        log.record("member.roles_changed", subject=f"user:{user_id}", data={"roles": [before, membership.roles]})
    return True


def remove_member(*, organization: Organization, actor: Actor, user_id: uuid.UUID) -> None:
    """Counts from their next request on. Keys that they issued belong to the organization and stay."""
    with recording(organization, actor) as log:
        membership = _locked(organization, user_id, keeps_owner=False)
        membership.delete()
        log.record("member.removed", subject=f"user:{user_id}", data={"roles": membership.roles})


def person_with(*, email: str, name: str = "") -> tuple[User, str]:
    """The user of that address and, for a new one, the password to hand over."""
    password = one_time_password()
    fields = {"name": name, "password": make_password(password), "must_change_password": True}
    user, created = User.objects.get_or_create(email=email.strip().lower(), defaults=fields)
    return user, password if created else ""


def ordered(roles: Sequence[str]) -> list[str]:
    """In one order and without repetition, so that equal sets are equal rows."""
    return [role.value for role in Role if role.value in roles]


def _locked(organization: Organization, user_id: uuid.UUID, *, keeps_owner: bool) -> Membership:
    """All rows, because the rival is another owner who steps down at the same moment."""
    memberships = list(Membership.objects.select_for_update().filter(organization=organization).order_by("pk"))
    membership = next((m for m in memberships if m.user_id == user_id), None)
    if membership is None:
        raise AccountError("This person is no longer a member.")
    others = [m for m in memberships if m is not membership and Role.OWNER in m.roles]
    if Role.OWNER in membership.roles and not keeps_owner and not others:
        raise AccountError("This is the last owner. Make someone else an owner first.")
    return membership
