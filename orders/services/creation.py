"""New orders, one or a hundred: rows, numbers, productions and events, in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from blake3 import blake3
from django.utils import timezone

from dashboard.events.recording import Log
from orders.models import LineItem, Order
from orders.schemas import LineItemChange, LineItemInput, OrderInput
from orders.search import search_vector
from orders.services.client_book import ClientBook
from orders.services.fan_out import Batch, make_productions
from orders.services.numbering import Numbers

ORDER_TEXTS = frozenset({"external_order_number", "marketplace_order_number", "comment", "counterparty_id"})
ORDER_FIELDS = (*sorted(ORDER_TEXTS), "deadline_at", "external_created_at", "to_stock", "priority")
ITEM_TEXTS = frozenset({"sku", "product_name", "comment"})
ITEM_FIELDS = (*sorted(ITEM_TEXTS), "deadline_at")
CLIENTS = ("client", "primary_client")


@dataclass(frozen=True)
class NewOrder:
    order: Order
    items: Sequence[LineItem]


def create_digest(order: OrderInput) -> bytes:
    """Equal for bodies that mean the same: an absent field, null and its default are one."""
    return blake3(orjson.dumps(order.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)).digest()


def insert_orders(
    log: Log, inputs: Sequence[OrderInput], numbers: Numbers, book: ClientBook, *, source: str
) -> list[NewOrder]:
    """The book must be open for `inputs`."""
    fixed = {"organization": log.organization, "source": source, "created_at": timezone.now()}
    new = [_new_order(said, numbers, book, fixed) for said in inputs]
    book.save()
    for one in new:
        one.order.search = search_vector(one.order, one.items)
    Order.objects.bulk_create([one.order for one in new])
    LineItem.objects.bulk_create([item for one in new for item in one.items])
    make_productions([Batch(item, one.order.order_key, 1, item.quantity) for one in new for item in one.items])
    for one in new:
        _record(log, one)
    return new


def _new_order(said: OrderInput, numbers: Numbers, book: ClientBook, fixed: dict[str, Any]) -> NewOrder:
    number = numbers.take()
    order = Order(
        number=number,
        order_key=f"{numbers.abbreviation}-{number}",
        external_order_id=said.external_order_id,
        create_digest=create_digest(said),
        updated_at=fixed["created_at"],
        quantity=sum(item.quantity for item in said.order_items),
        **fixed,
        **{name: stored(name, getattr(said, name), ORDER_TEXTS) for name in ORDER_FIELDS},
    )
    for name in CLIENTS:
        client = getattr(said, name)
        setattr(order, name, book.place(client, None)[0] if client else None)
    return NewOrder(order, new_line_items(order, said.order_items, first_position=1, taken=set()))


def new_line_items(
    order: Order, said: Iterable[LineItemInput | LineItemChange], *, first_position: int, taken: set[str]
) -> list[LineItem]:
    """Items without a `line_item_id` get one: "1", "2", ... by their position, unless the order uses it already."""
    said = list(said)
    used = taken | {one.line_item_id for one in said if one.line_item_id}
    items = []
    for position, one in enumerate(said, start=first_position):
        line_item_id = one.line_item_id or _unused(position, used)
        used.add(line_item_id)
        fields = {name: stored(name, getattr(one, name), ITEM_TEXTS) for name in ITEM_FIELDS}
        items.append(
            LineItem(order=order, position=position, line_item_id=line_item_id, quantity=one.quantity or 0, **fields)
        )
    return items


def _unused(position: int, used: set[str]) -> str:
    candidate, attempt = str(position), 1
    while candidate in used:
        attempt += 1
        candidate = f"{position}-{attempt}"
    return candidate


def stored(name: str, value: object, texts: frozenset[str]) -> object:
    """No text is the empty text."""
    return "" if value is None and name in texts else value


def _record(log: Log, one: NewOrder) -> None:
    log.record(
        "order.created",
        subject=f"order:{one.order.pk}",
        data={
            "order_key": one.order.order_key,
            "external_order_id": one.order.external_order_id,
            "line_items": len(one.items),
            "productions": one.order.quantity,
            "source": one.order.source,
        },
    )
