"""Filters that people gave a name, for themselves or for everyone in the organization."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict

from dashboard.accounts.access import Member
from orders.errors import Conflict, Invalid
from orders.models import SavedView
from orders.order_filter import KEYS, address

LONGEST_NAME = 60
LONGEST_QUERY = 1_000
_KEPT = ("view", *KEYS, "sort")


def views_of(member: Member) -> QuerySet[SavedView]:
    """Their own first, then what others share."""
    mine_or_shared = Q(user=member.user) | Q(shared=True)
    return SavedView.objects.filter(mine_or_shared, organization=member.organization).order_by("name", "pk")


def get_own_view(member: Member, pk: int) -> SavedView:
    view = SavedView.objects.filter(pk=pk, organization=member.organization, user=member.user).first()
    if view is None:
        raise Http404("There is no such saved view.")
    return view


def canonical(query: str) -> str:
    """What is kept of an address: the filter and its order, never a cursor."""
    params = QueryDict(query)
    return address((key, value) for key in _KEPT for value in params.getlist(key) if value.strip())


def save_view(*, member: Member, name: str, query: str, shared: bool) -> SavedView:
    """Saving under a name that I use already replaces that view."""
    name, query = _checked_name(name), canonical(query)
    if len(query) > LONGEST_QUERY:
        raise Invalid([("query", "This filter is too long to save. Leave out some of the pasted ids.")])
    view, _ = SavedView.objects.update_or_create(
        organization=member.organization, user=member.user, name=name, defaults={"query": query, "shared": shared}
    )
    return view


def change_view(*, member: Member, pk: int, name: str, shared: bool) -> SavedView:
    view = get_own_view(member, pk)
    view.name, view.shared = _checked_name(name), shared
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "shared"])
    except IntegrityError as error:
        raise Conflict(f'You already have a view named "{view.name}". Choose another name.', "name") from error
    return view


def delete_view(*, member: Member, pk: int) -> None:
    """Deleting it again changes nothing."""
    SavedView.objects.filter(pk=pk, organization=member.organization, user=member.user).delete()


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or "\0" in name:
        raise Invalid([("name", "Give the view a name.")])
    if len(name) > LONGEST_NAME:
        raise Invalid([("name", f"The name is too long: use up to {LONGEST_NAME} characters.")])
    return name


def is_current(view: SavedView, query: str) -> bool:
    return view.query == canonical(query)
