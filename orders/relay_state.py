"""Where an order stands with the upstream: the worst of what is owed about it and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Delivery

State = Delivery.State
# Deliveries whose lane is an order's id; a client changed by itself has a lane of its own.
SUBJECTS = ("order", "tags", "attachment")
WAITING = (State.WAITING, State.RETRYING, State.SENDING)
UNSETTLED = (State.REFUSED, State.UNKNOWN, State.GIVEN_UP, *WAITING)
WORST_FIRST = (
    State.REFUSED,
    State.UNKNOWN,
    State.GIVEN_UP,
    State.SENDING,
    State.RETRYING,
    State.WAITING,
    State.DELIVERED,
    State.WITHDRAWN,
)
_RANK = {str(state): rank for rank, state in enumerate(WORST_FIRST)}
TONES = {
    State.REFUSED: "danger",
    State.UNKNOWN: "warning",
    State.GIVEN_UP: "danger",
    State.SENDING: "progress",
    State.RETRYING: "warning",
    State.WAITING: "info",
    State.DELIVERED: "success",
    State.WITHDRAWN: "neutral",
}


def deliveries_in(organization: Organization, states: Iterable[str]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(organization=organization, subject_type__in=SUBJECTS, state__in=list(states))


def worst(deliveries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return min(deliveries, key=lambda delivery: _RANK[delivery["state"]], default=None)
