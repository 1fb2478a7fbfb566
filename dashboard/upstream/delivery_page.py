"""What the page of one delivery shows, whole or as the part that moves while it is open."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from dashboard.accounts.models import Organization, Role
from dashboard.registry import LiveGauge, registry
from dashboard.upstream.forecast import forecast
from dashboard.upstream.models import Delivery
from dashboard.upstream.queries import attempts_for, visible_deliveries
from dashboard.upstream.subjects import subjects_of

SHOWN_ATTEMPTS = 100


def delivery_context(delivery: Delivery, *, may_act: bool) -> dict[str, Any]:
    plan = forecast(delivery.connection) if delivery.state in Delivery.CLAIMABLE else None
    return {
        "delivery": delivery,
        "subject": subjects_of(delivery.organization, [delivery]).get(delivery.pk),
        "attempts": attempts_for(delivery.organization, [delivery.pk], limit=SHOWN_ATTEMPTS),
        "leaves_at": plan.departures.get(delivery.pk) if plan else None,
        "paused": plan.paused if plan else False,
        "may_act": may_act,
        "can_retry": delivery.state in (Delivery.State.REFUSED, Delivery.State.GIVEN_UP),
        "can_ask": delivery.state == Delivery.State.UNKNOWN,
        "can_give_up": delivery.state in (*Delivery.CLAIMABLE, Delivery.State.REFUSED, Delivery.State.UNKNOWN),
    }


def render_delivery(organization: Organization, key: str, roles: frozenset[str]) -> str:
    """The gauge `delivery`; an unknown or foreign key renders nothing."""
    if not key.isdecimal() or len(key) > 18:
        return ""
    rows = visible_deliveries(organization).select_related("connection__budget", "organization")
    found = rows.filter(pk=int(key)).first()
    if found is None:
        return ""
    may_act = Role.OWNER in roles or bool(roles & registry.permissions()["deliveries.act"])
    return render_to_string("upstream/delivery_live.html", delivery_context(found, may_act=may_act))


GAUGES = (LiveGauge("delivery", "deliveries.view", render_delivery),)
