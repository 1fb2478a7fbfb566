"""The only way views get at connections and deliveries: strangers get the same 404 as for a missing row."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from dashboard.accounts.access import Member
from dashboard.upstream.models import Connection, Delivery


def get_delivery(member: Member, pk: int) -> Delivery:
    rows = Delivery.objects.select_related("connection__budget", "organization")
    found = rows.filter(organization=member.organization, pk=pk).first()
    if found is None:
        raise Http404(f"There is no delivery {pk}.")
    return found


def get_connection(member: Member, pk: UUID) -> Connection:
    rows = Connection.objects.select_related("budget", "organization")
    found = rows.filter(organization=member.organization, pk=pk).first()
    if found is None:
        raise Http404(f"There is no connection {pk}.")
    return found
