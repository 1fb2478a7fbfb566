"""What the account pages read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import Http404

from dashboard.accounts.access import Member
from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import ApiKey, Membership, Organization

KEYS_PER_PAGE = 50


@dataclass(frozen=True)
class KeyPage:
    keys: Sequence[ApiKey]
    next_cursor: str


def page_of_keys(organization: Organization, cursor: str) -> KeyPage:
    """Newest first. The cursor names the last key seen, so a page costs the same however far down it is."""
    keys = ApiKey.objects.filter(organization=organization).select_related("created_by").order_by("-created_at", "-id")
    after = _position(cursor)
    if after:
        at, pk = after
        keys = keys.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=pk))
    found = list(keys[: KEYS_PER_PAGE + 1])
    last = found[KEYS_PER_PAGE - 1] if len(found) > KEYS_PER_PAGE else None
    return KeyPage(found[:KEYS_PER_PAGE], f"{last.created_at.isoformat()}_{last.pk}" if last else "")


def organization_by_slug(slug: str) -> Organization:
    """For commands, which name organizations as people do."""
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        raise AccountError(f"There is no organization {slug!r}. Create it with: manage.py create_org", field="org")
    return found


def members_of(organization: Organization) -> list[Membership]:
    return list(organization.memberships.select_related("user").order_by("user__email"))


def get_membership(member: Member, user_id: uuid.UUID) -> Membership:
    found = Membership.objects.select_related("user").filter(organization=member.organization, user_id=user_id).first()
    if found is None:
        raise Http404("There is no such member.")
    return found


def get_key(member: Member, key_id: uuid.UUID) -> ApiKey:
    found = ApiKey.objects.filter(organization=member.organization, pk=key_id).first()
    if found is None:
        raise Http404("There is no such API key.")
    return found


def _position(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    """A cursor that can't be read is the first page, as every link was ours."""
    at, _, pk = cursor.partition("_")
    try:
        return datetime.fromisoformat(at), uuid.UUID(pk)
    except ValueError:
        return None
