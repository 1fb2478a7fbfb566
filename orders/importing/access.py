"""How pages get at an import: within one organization, where a stranger's is as missing as one that never was."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from dashboard.accounts.access import Member
from orders.models import ImportJob


def get_import(member: Member, pk: UUID) -> ImportJob:
    found = (
        ImportJob.objects.filter(organization=member.organization, pk=pk)
        .select_related("organization", "created_by")
        .first()
    )
    if found is None:
        raise Http404("There is no such import.")
    return found
