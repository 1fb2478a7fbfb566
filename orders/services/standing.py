"""What an order's productions add up to. Whatever changes a production calls `refresh_standing` in its transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Sum

from orders.models import Order, Production

Status = Production.Status
FINISHED = frozenset({Status.DONE.value, Status.FROM_STOCK.value})


@dataclass(frozen=True)
class Tally:
    """How many productions stand in a status, and their summed percent."""

    count: int
    percent: int


def refresh_standing(orders: Iterable[Order]) -> list[Order]:
    """Bring stage, progress and quantity of locked orders in step; returns those that changed."""
    by_id = {order.pk: order for order in orders}
    tallies = _tallies(by_id)
    changed = [order for order in by_id.values() if _take_over(order, tallies[order.pk])]
    if changed:
        Order.objects.bulk_update(changed, ["stage", "progress", "quantity"])
    return changed


def _tallies(order_ids: Iterable[UUID]) -> Mapping[UUID, dict[str, Tally]]:
    found: dict[UUID, dict[str, Tally]] = defaultdict(dict)
    rows = (
        Production.objects.filter(line_item__order_id__in=list(order_ids))
        .values_list("line_item__order_id", "status")
        .annotate(count=Count("id"), percent=Sum("progress"))
    )
    for order_id, status, count, percent in rows:
        found[order_id][status] = Tally(count, percent)
    return found


def _take_over(order: Order, tallies: Mapping[str, Tally]) -> bool:
    standing = {status: tally for status, tally in tallies.items() if status != Status.CANCELED}
    quantity = sum(tally.count for tally in standing.values())
    # Rounded down: 100 % means that everything is finished.
    progress = sum(tally.percent for tally in standing.values()) // quantity if quantity else 0
    stage = stage_of(frozenset(standing), is_deleted=order.is_deleted)
    before = (order.stage, order.progress, order.quantity)
    order.stage, order.progress, order.quantity = stage, progress, quantity
    return before != (stage, progress, quantity)


def stage_of(statuses: frozenset[str], *, is_deleted: bool) -> Order.Stage:
    """From the statuses of productions that are not cancelled."""
    if is_deleted or not statuses:
        return Order.Stage.CANCELLED
    if statuses <= FINISHED:
        return Order.Stage.DONE
    if Status.IN_PROGRESS in statuses:
        return Order.Stage.IN_PROGRESS
    if Status.STOPPED in statuses:
        return Order.Stage.STOPPED
    return Order.Stage.IN_PROGRESS if statuses & FINISHED else Order.Stage.TO_DO
