"""Which orders a filter means, as one queryset: list, counts, export and bulk commands all start from it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.models import Order
from orders.order_filter import OrderFilter
from orders.search import any_of, starts_with, tag_lexeme
from orders.search_text import NOT_RELAYED, Criteria

OPEN_STAGES = (Order.Stage.TO_DO, Order.Stage.IN_PROGRESS, Order.Stage.STOPPED)
_VIEW_STAGES = {
    "production": Order.Stage.IN_PROGRESS,
    "done": Order.Stage.DONE,
    "cancelled": Order.Stage.CANCELLED,
}


def matching(organization: Organization, wanted: OrderFilter) -> QuerySet[Order]:
    orders = Order.objects.filter(organization=organization)
    if wanted.problem:
        return orders.none()
    return orders.filter(in_view(organization, wanted.view) & meeting(organization, wanted.criteria))


def overdue(now: datetime | None = None) -> Q:
    return Q(stage__in=OPEN_STAGES, deadline_at__isnull=False, deadline_at__lt=now or timezone.now())


def in_view(organization: Organization, view: str) -> Q:
    if view in _VIEW_STAGES:
        return Q(stage=_VIEW_STAGES[view])
    if view == "overdue":
        return overdue()
    if view == "waiting":
        return relayed(organization, relay_state.WAITING)
    if view == "attention":
        return relayed(organization, Delivery.NEEDS_ATTENTION) | overdue()
    return Q()


def relayed(organization: Organization, states: tuple[str, ...]) -> Q:
    return Q(pk__in=relay_state.deliveries_in(organization, states).values("lane"))


def meeting(organization: Organization, criteria: Criteria) -> Q:
    condition = _by_lexeme(criteria) & _by_deadline(criteria) & _by_assignee(criteria)
    for column, values in (
        ("stage", criteria.stages),
        ("priority", criteria.priorities),
        ("source", criteria.sources),
        ("client", criteria.clients),
    ):
        if values:
            condition &= Q(**{column: values[0]}) if len(values) == 1 else Q(**{f"{column}__in": values})
    return condition & _by_relay(organization, criteria.relays)


def _by_lexeme(criteria: Criteria) -> Q:
    """One tsquery, so that the GIN index intersects the words itself."""
    parts = [starts_with(lexeme) for lexeme in (*criteria.words, *criteria.marked)]
    if criteria.tags:
        parts.append(f"({any_of(map(tag_lexeme, criteria.tags))})")
    if not (criteria.names or criteria.uuids):
        return Q(search__holds=" & ".join(parts)) if parts else Q()
    named = Q(search__holds=any_of(criteria.names)) if criteria.names else Q()
    rest = Q(search__holds=" & ".join(parts)) if parts else Q()
    return (named | Q(pk__in=criteria.uuids) if criteria.uuids else named) & rest


def _by_deadline(criteria: Criteria) -> Q:
    condition = Q(deadline_at__isnull=True) if criteria.without_deadline else Q()
    if criteria.deadline_from:
        condition &= Q(deadline_at__gte=_midnight(criteria.deadline_from))
    if criteria.deadline_before:
        condition &= Q(deadline_at__lt=_midnight(criteria.deadline_before))
    return condition


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _by_assignee(criteria: Criteria) -> Q:
    people = Q(assignee__in=criteria.assignees) if criteria.assignees else Q()
    return people | Q(assignee__isnull=True) if criteria.unassigned else people


def _by_relay(organization: Organization, relays: tuple[str, ...]) -> Q:
    """An order is found under its badge, and under what that hides: refused tags on a waiting order."""
    if not relays:
        return Q()
    unsettled = [state for state in relays if state in relay_state.UNSETTLED]
    condition = Q(relayed(organization, tuple(unsettled))) if unsettled else Q(pk__in=[])
    for state in (Delivery.State.DELIVERED, Delivery.State.WITHDRAWN):
        if state in relays:
            condition |= _settled(organization, state)
    if NOT_RELAYED in relays:
        condition |= Q(~Exists(Delivery.objects.filter(organization=organization, lane=OuterRef("pk"))))
    return condition


def _settled(organization: Organization, state: str) -> Q:
    own = Delivery.objects.filter(organization=organization, lane=OuterRef("pk"), subject_type__in=relay_state.SUBJECTS)
    worse = [*relay_state.UNSETTLED, *([Delivery.State.DELIVERED] if state == Delivery.State.WITHDRAWN else [])]
    return Q(Exists(own.filter(state=state)) & ~Exists(own.filter(state__in=worse)))
