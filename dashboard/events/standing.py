"""Who of the people on open pages may still look: members who are still signed in with the session that opened them."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from dashboard.accounts.access import Member, as_member
from dashboard.accounts.models import Membership, Organization
from dashboard.events.page import Page

# Kinds that may take somebody's access away; the hub asks anew before it sends anything else.
ACCESS_KINDS = ("member.", "user.", "session.", "organization.")


def standing(organization: Organization, pages: Iterable[Page]) -> dict[Page, Member | None]:
    """Two queries, however many pages. None: close it."""
    pages = list(pages)
    members = {membership.user_id: membership for membership in _memberships(organization, pages)}
    hashes = {pk: membership.user.get_session_auth_hash() for pk, membership in members.items()}
    sessions = _live_sessions(pages)
    found: dict[Page, Member | None] = {}
    for page in pages:
        membership = members.get(page.member.user.pk)
        stays = (
            membership is not None
            and page.session_key in sessions
            and constant_time_compare(page.session_hash, hashes[membership.user_id])
        )
        found[page] = as_member(membership) if membership is not None and stays else None
    return found


def _memberships(organization: Organization, pages: Iterable[Page]) -> Iterable[Membership]:
    return Membership.objects.select_related("user", "organization").filter(
        organization=organization,
        user__in={page.member.user.pk for page in pages},
        user__is_active=True,
        user__must_change_password=False,
    )


def _live_sessions(pages: Iterable[Page]) -> set[str]:
    keys = {page.session_key for page in pages}
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(live.values_list("session_key", flat=True))
