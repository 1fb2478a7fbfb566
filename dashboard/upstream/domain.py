"""What the upstream floor tells the rest about itself: its pages, what its events mean, what its references name."""

from __future__ import annotations

import uuid

from django.urls import NoReverseMatch, reverse

from dashboard.accounts.models import Organization
from dashboard.registry import Domain, Place, Subject
from dashboard.upstream import delivery_page, flight
from dashboard.upstream.models import Connection, Delivery
from dashboard.upstream.panels import panels
from dashboard.upstream.queries import attention_count

EVENT_KINDS = {
    "connection.created": "Upstream connected",
    "connection.paused": "Connection paused",
    "connection.resumed": "Connection resumed",
    "connection.secret_replaced": "Upstream key replaced",
    "connection.address_changed": "Connection moved to another address",
    "connection.tested": "Connection tested",
    "delivery.delivered": "Delivered to the upstream",
    "delivery.unneeded": "Nothing to send: the upstream holds this already",
    "delivery.withdrawn": "Withdrawn before it was sent",
    "delivery.refused": "Refused by the upstream",
    "delivery.retrying": "Will be sent again",
    "delivery.unknown": "No readable answer from the upstream",
    "delivery.absent": "Not found at the upstream, will be sent again",
    "delivery.given_up": "Delivery given up",
    "delivery.retried": "Sent again by a person",
    "delivery.asked": "Upstream asked by a person",
    "delivery.noted": "Note on a delivery",
}
_BADGE_KINDS = tuple(
    f"delivery.{state}"
    for state in ("delivered", "refused", "unknown", "absent", "given_up", "retried", "asked", "withdrawn", "unneeded")
)


def resolve(organization: Organization, ref: str) -> Subject | None:
    kind, _, name = ref.partition(":")
    try:
        return (
            _connection(organization, uuid.UUID(name), ref)
            if kind == "connection"
            else _delivery(organization, name, ref)
        )
    except ValueError:
        return None


def _connection(organization: Organization, pk: uuid.UUID, ref: str) -> Subject | None:
    found = Connection.objects.filter(organization=organization, pk=pk).first()
    return Subject(ref, found.label, _url("connections"), found.state) if found else None


def _delivery(organization: Organization, pk: str, ref: str) -> Subject | None:
    found = Delivery.objects.filter(organization=organization, pk=int(pk)).first()
    return Subject(ref, f"Delivery {found.pk}", _url("delivery", found.pk), found.state) if found else None


def _url(name: str, *arguments: object) -> str:
    """Where a deployment leaves the pages out, references lead nowhere."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


UPSTREAM = Domain(
    name="upstream",
    places=(
        Place("Deliveries", "deliveries", "paper-airplane", "deliveries.view", attention_count, _BADGE_KINDS, order=30),
        Place("Flight plan", "flight-plan", "chart-bar", "deliveries.view", order=20),
        Place("Connections", "connections", "link", "connections.view", order=92),
    ),
    event_kinds=EVENT_KINDS,
    gauges=(*flight.GAUGES, *delivery_page.GAUGES),
    subject_types=("connection", "delivery"),
    resolve=resolve,
    panels=panels,
)
