"""A line item of quantity N is N productions: made in one statement however many, taken back until begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from orders.errors import NotAllowed
from orders.models import LineItem, Order, Production

_MAKE = """
    INSERT INTO orders_production (id, line_item_id, number, key, status, progress, remote_id)
    SELECT gen_random_uuid(), batch.line_item_id, number, batch.prefix || number, 'To do', 0, ''
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[]) AS batch (line_item_id, prefix, first, last),
         generate_series(batch.first, batch.last) AS number
"""


@dataclass(frozen=True)
class Batch:
    """Productions `first` to `last` of one line item."""

    line_item: LineItem
    order_key: str
    first: int
    last: int

    @property
    def prefix(self) -> str:
        return f"{self.order_key}-{self.line_item.position}-"


def make_productions(batches: Sequence[Batch]) -> None:
    if batches:
        with connection.cursor() as cursor:
            cursor.execute(
                _MAKE,
                [
                    [batch.line_item.pk for batch in batches],
                    [batch.prefix for batch in batches],
                    [batch.first for batch in batches],
                    [batch.last for batch in batches],
                ],
            )


@dataclass(frozen=True)
class Resizing:
    """What a line item's new quantity does to its productions, found out before anything is written."""

    line_item: LineItem
    quantity: int
    made: int  # the highest number there is
    wanted_more: int
    cancelled: tuple[Production, ...]


def plan_quantity(order: Order, item: LineItem, quantity: int) -> Resizing:
    """Productions are final once cancelled, so raising a quantity again makes new ones."""
    productions = list(Production.objects.filter(line_item=item).only("id", "number", "status").order_by("-number"))
    standing = [p for p in productions if p.status != Production.Status.CANCELED]
    waiting = [p for p in standing if p.status == Production.Status.TO_DO]
    started = len(standing) - len(waiting)
    if quantity < started:
        raise NotAllowed(
            f"The quantity of line item {item.line_item_id} of order {order.external_order_id} can't be lowered to"
            f" {quantity:,}: {started:,} of its {len(standing):,} productions have started.",
            "quantity",
        )
    surplus = max(len(standing) - quantity, 0)
    made = productions[0].number if productions else 0
    return Resizing(item, quantity, made, max(quantity - len(standing), 0), tuple(waiting[:surplus]))


def resize(order: Order, resizings: Sequence[Resizing]) -> None:
    make_productions(
        [Batch(r.line_item, order.order_key, r.made + 1, r.made + r.wanted_more) for r in resizings if r.wanted_more]
    )
    surplus = [production.pk for r in resizings for production in r.cancelled]
    if surplus:
        Production.objects.filter(pk__in=surplus).update(status=Production.Status.CANCELED)
