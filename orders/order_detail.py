"""What the page of one order shows, read in a bounded number of queries, however many productions the order has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Attempt, Delivery
from dashboard.upstream.queries import attempts_for, connections_of, deliveries_of_lane
from orders import relay_state
from orders.departures import departures_of
from orders.models import Attachment, LineItem, Order, Production
from orders.order_rows import OrderRow, with_row_facts
from orders.services.relaying import ATTACHMENT, SYSTEM, TAGS

Status = Production.Status
STATUS_TONES = {
    Status.TO_DO: "neutral",
    Status.IN_PROGRESS: "progress",
    Status.STOPPED: "warning",
    Status.FROM_STOCK: "info",
    Status.DONE: "success",
    Status.CANCELED: "neutral",
}
SHOWN_ATTEMPTS = 40
ATTEMPTS_EACH = 5


@dataclass(frozen=True)
class ItemLine:
    item: LineItem
    statuses: Sequence[tuple[str, int, str]]  # (status, how many, tone)
    attachments: Sequence[Attachment]


@dataclass(frozen=True)
class Relay:
    """One thing that the upstream is owed, and every exchange about it."""

    delivery: Delivery
    about: str
    label: str
    tone: str
    attempts: Sequence[Attempt]
    leaves_at: datetime | None

    @property
    def more_attempts(self) -> bool:
        return len(self.attempts) == ATTEMPTS_EACH

    @property
    def can_retry(self) -> bool:
        return self.delivery.state in (Delivery.State.REFUSED, Delivery.State.GIVEN_UP)

    @property
    def can_ask(self) -> bool:
        return self.delivery.state == Delivery.State.UNKNOWN

    @property
    def can_give_up(self) -> bool:
        open_states = (Delivery.State.REFUSED, Delivery.State.UNKNOWN, *Delivery.CLAIMABLE)
        return self.delivery.state in open_states


def item_lines(order: Order) -> list[ItemLine]:
    items = list(order.line_items.order_by("position").prefetch_related("attachments"))
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    found = Production.objects.filter(line_item__order=order).values_list("line_item", "status").order_by()
    for item_id, status, count in found.annotate(n=Count("pk")):
        counts[item_id][status] = count
    return [ItemLine(item, _statuses(counts[item.pk]), list(item.attachments.all())) for item in items]


def _statuses(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    return [(status.label, counts[status], STATUS_TONES[status]) for status in Status if counts.get(status)]


def relays_of(order: Order, row: OrderRow, lines: Sequence[ItemLine]) -> list[Relay]:
    deliveries = deliveries_of_lane(order.organization, order.pk)
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    if deliveries:
        for attempt in attempts_for(order.organization, [d.pk for d in deliveries], limit=SHOWN_ATTEMPTS):
            attempts[attempt.delivery_id].append(attempt)
    departures, names = departures_of(order.organization, [row]), _names(lines)
    return [
        Relay(
            delivery,
            names.get(delivery.subject_id, "Order"),
            delivery.get_state_display(),
            relay_state.TONES[Delivery.State(delivery.state)],
            attempts[delivery.pk][:ATTEMPTS_EACH],
            departures.get(delivery.pk) if delivery.state in Delivery.CLAIMABLE else None,
        )
        for delivery in deliveries
    ]


def _names(lines: Sequence[ItemLine]) -> dict[UUID, str]:
    tags = {line.item.pk: f"Tags of {line.item.line_item_id}" for line in lines}
    files = {file.pk: f"File {file}" for line in lines for file in line.attachments}
    return tags | files


def subject_label(subject_type: str) -> str:
    return {TAGS: "Tags", ATTACHMENT: "Attachment"}.get(subject_type, subject_type.capitalize())


def row_of(order: Order) -> OrderRow:
    row: OrderRow = with_row_facts(Order.objects.filter(organization=order.organization, pk=order.pk)).get()
    return row


def hesh_connection(organization: Organization) -> Any:
    return next((c for c in connections_of(organization) if c.system == SYSTEM), None)


def detail(order: Order) -> dict[str, Any]:
    """Everything that the page's live regions draw."""
    lines, row, connection = item_lines(order), row_of(order), hesh_connection(order.organization)
    return {
        "order": order,
        "row": row,
        "lines": lines,
        "relays": relays_of(order, row, lines),
        "connection": connection,
        "unreported": connection is not None and order.productions_reported_at is None,
    }
