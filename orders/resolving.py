"""What references like `order:<uuid>` name, for pages that are not ours: deliveries, search, log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import reverse

from dashboard.accounts.models import Organization
from dashboard.events.timeline import timeline
from dashboard.registry import Subject
from orders.models import BulkJob, Client, ImportJob, Order


def resolve(organization: Organization, ref: str) -> Subject | None:
    kind, _, name = ref.partition(":")
    find = _FINDERS.get(kind)
    try:
        return find(organization, ref, UUID(name)) if find else None
    except ValueError:
        return None


def _order(organization: Organization, ref: str, pk: UUID) -> Subject | None:
    found = Order.objects.filter(organization=organization, pk=pk).only("order_key", "stage").first()
    if found is None:
        return None
    entries: Any = partial(timeline, organization, ref)
    return Subject(ref, found.order_key, reverse("order", args=[pk]), found.get_stage_display(), entries)


def _client(organization: Organization, ref: str, pk: UUID) -> Subject | None:
    """The client book of an organization is one subject, under the organization's id."""
    if pk == organization.pk:
        return Subject(ref, "Clients", reverse("orders"))
    found = Client.objects.filter(organization=organization, pk=pk).first()
    return Subject(ref, found.name, f"{reverse('orders')}?view=all&client={pk}") if found else None


def _import(organization: Organization, ref: str, pk: UUID) -> Subject | None:
    found = ImportJob.objects.filter(organization=organization, pk=pk).only("file_name", "state").first()
    url = reverse("order-import-job", args=[pk])
    return Subject(ref, f"Import of {found.file_name}", url, found.get_state_display()) if found else None


def _bulk_job(organization: Organization, ref: str, pk: UUID) -> Subject | None:
    found = BulkJob.objects.filter(organization=organization, pk=pk).first()
    url = reverse("order-bulk-job", args=[pk])
    return Subject(ref, f"Bulk command {found.action}", url, found.get_state_display()) if found else None


_FINDERS: dict[str, Callable[[Organization, str, UUID], Subject | None]] = {
    "order": _order,
    "client": _client,
    "import": _import,
    "bulk_job": _bulk_job,
}
