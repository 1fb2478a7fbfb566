"""Reads about deliveries and attempts, each within one organization; counts stop where a page stops caring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dashboard.accounts.models import Organization
from dashboard.upstream.inquiries import UNSEEN
from dashboard.upstream.models import Attempt, Connection, Delivery, DeliveryNote

COUNT_CAP = 10_000
BADGE_CAP = 1_000


def deliveries_for(organization: Organization, subject_type: str, subject_ids: Iterable[UUID]) -> dict[UUID, Delivery]:
    """The delivery of each subject that has one."""
    rows = Delivery.objects.filter(
        organization=organization, subject_type=subject_type, subject_id__in=list(subject_ids)
    )
    return {row.subject_id: row for row in rows.select_related("connection")}


def deliveries_of_lane(organization: Organization, lane: UUID) -> list[Delivery]:
    """Everything owed about one order: itself, its tags, its attachments."""
    rows = Delivery.objects.filter(organization=organization, lane=lane).exclude(subject_type__in=UNSEEN)
    return list(rows.select_related("connection").order_by("rank", "pk"))


def attempts_for(organization: Organization, delivery_ids: Sequence[int], limit: int = 50) -> list[Attempt]:
    """The newest first, with what was said in them."""
    rows = Attempt.objects.filter(organization=organization, delivery_id__in=delivery_ids)
    return list(rows.select_related("exchange", "delivery").order_by("-pk")[:limit])


def notes_for(delivery: Delivery) -> list[DeliveryNote]:
    return list(delivery.notes.select_related("author").order_by("-pk"))


def connections_of(organization: Organization) -> list[Connection]:
    return list(Connection.objects.filter(organization=organization).select_related("budget").order_by("system"))


def visible_deliveries(organization: Organization) -> QuerySet[Delivery]:
    """All but reads."""
    return Delivery.objects.filter(organization=organization).exclude(subject_type__in=UNSEEN)


def queue_counts(connection: Connection) -> dict[str, int]:
    """Open and unhappy deliveries per state, each counted no further than the cap."""
    states = (*Delivery.OPEN, Delivery.State.REFUSED, Delivery.State.GIVEN_UP)
    rows = visible_deliveries(connection.organization).filter(connection=connection)
    return {str(state): rows.filter(state=state)[:COUNT_CAP].count() for state in states}


def attention_count(organization: Organization) -> int:
    """Refused, given up, and unknown where no inquiry will settle it soon; for the navigation's badge."""
    rows = visible_deliveries(organization).filter(state__in=Delivery.NEEDS_ATTENTION)
    return rows[:BADGE_CAP].count()


def page_of_deliveries(
    organization: Organization,
    *,
    states: Sequence[Delivery.State] = (),
    connection_id: UUID | None = None,
    queued_before: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """By id, newest first; `before` is the last id of the page before."""
    rows = visible_deliveries(organization)
    if states:
        rows = rows.filter(state__in=states)
    if connection_id is not None:
        rows = rows.filter(connection_id=connection_id)
    if queued_before is not None:
        rows = rows.filter(queued_at__lt=queued_before)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.select_related("connection").order_by("-pk")[:limit])


def last_answer_at(connection: Connection) -> datetime | None:
    rows = Attempt.objects.filter(budget_id=connection.budget_id, connection=connection, answered_at__isnull=False)
    return rows.order_by("-holds_from").values_list("answered_at", flat=True).first()
