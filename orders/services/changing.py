"""Changes of orders: first what would change and whether it may, then all of it written, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from dashboard.events.recording import Log
from orders.errors import NotAllowed, OrderError
from orders.models import LineItem, Order
from orders.schemas import MAX_LINE_ITEMS, MAX_PRODUCTIONS, ClientChange, LineItemChange, OrderChange
from orders.search import search_vector
from orders.services.client_book import ClientBook, differences
from orders.services.creation import CLIENTS, ITEM_FIELDS, ITEM_TEXTS, ORDER_FIELDS, ORDER_TEXTS, new_line_items, stored
from orders.services.fan_out import Batch, Resizing, make_productions, plan_quantity, resize
from orders.services.standing import refresh_standing

Items = Mapping[str, LineItem]  # of one order, by line_item_id


@dataclass
class Plan:
    """What a change comes to. `said` maps every changed field to [old, new], as the event's erasable body tells it."""

    order: Order
    items: Items
    change: OrderChange
    fields: dict[str, Any] = field(default_factory=dict)
    item_fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    resizings: list[Resizing] = field(default_factory=list)
    added: list[LineItem] = field(default_factory=list)
    said: dict[str, list[Any]] = field(default_factory=dict)

    def named_clients(self) -> list[ClientChange]:
        return [client for name in CLIENTS if (client := getattr(self.change, name))]


def plan_change(order: Order, items: Items, change: OrderChange) -> Plan:
    """The order must be locked. Raises what forbids the change; writes nothing."""
    if change.external_order_id and change.external_order_id != order.external_order_id:
        raise NotAllowed(
            "external_order_id can't be changed: it is how both sides know the order.", "external_order_id"
        )
    plan = Plan(order, items, change)
    _plan_fields(plan)
    for said in change.order_items:
        if item := items.get(said.line_item_id or ""):
            _plan_item(plan, item, said)
    _plan_added(plan)
    if plan.said:
        refuse_if_cancelled(order)
    return plan


def refuse_if_cancelled(order: Order) -> None:
    if order.is_deleted:
        raise NotAllowed(f"Order {order.external_order_id} is cancelled and can't be changed.")


def _plan_fields(plan: Plan) -> None:
    for name in ORDER_FIELDS:
        if name in plan.change.model_fields_set:
            new, old = stored(name, getattr(plan.change, name), ORDER_TEXTS), getattr(plan.order, name)
            if new != old:
                plan.fields[name], plan.said[name] = new, [old, new]


def _plan_item(plan: Plan, item: LineItem, said: LineItemChange) -> None:
    for name in ITEM_FIELDS:
        if name in said.model_fields_set:
            new, old = stored(name, getattr(said, name), ITEM_TEXTS), getattr(item, name)
            if new != old:
                plan.item_fields.setdefault(item.line_item_id, {})[name] = new
                plan.said[f"{item.line_item_id}.{name}"] = [old, new]
    if said.quantity is not None and said.quantity != item.quantity:
        refuse_if_cancelled(plan.order)
        plan.resizings.append(plan_quantity(plan.order, item, said.quantity))
        plan.said[f"{item.line_item_id}.quantity"] = [item.quantity, said.quantity]


def _plan_added(plan: Plan) -> None:
    new = [one for one in plan.change.order_items if not one.line_item_id or one.line_item_id not in plan.items]
    for one in new:
        if one.quantity is None:
            name = one.line_item_id or "without an id"
            raise OrderError(f"quantity is required for the new line item {name}.", "quantity")
    first = max((item.position for item in plan.items.values()), default=0) + 1
    plan.added = new_line_items(plan.order, new, first_position=first, taken=set(plan.items))
    for item in plan.added:
        plan.said[f"{item.line_item_id}.quantity"] = [None, item.quantity]
    _refuse_too_many(plan)


def _refuse_too_many(plan: Plan) -> None:
    count = len(plan.items) + len(plan.added)
    if plan.added and count > MAX_LINE_ITEMS:
        raise OrderError(
            f"order_items would grow to {count:,}; an order takes at most {MAX_LINE_ITEMS:,}.", "order_items"
        )
    more = sum(item.quantity for item in plan.added) + sum(r.wanted_more for r in plan.resizings)
    if more and plan.order.quantity + more > MAX_PRODUCTIONS:
        total = f"{plan.order.quantity + more:,} productions; an order takes at most {MAX_PRODUCTIONS:,}"
        raise OrderError(f"order_items would add up to {total}.", "order_items")


def place_clients(plan: Plan, book: ClientBook) -> None:
    """Who the order is for; the book must be open for the plan's clients. Raises before it changes anything."""
    named = {name: getattr(plan.change, name) for name in CLIENTS if name in plan.change.model_fields_set}
    wanted = {name: said for name, said in named.items() if said or getattr(plan.order, f"{name}_id")}
    if any(_client_differs(plan.order, name, said, book) for name, said in wanted.items()):
        refuse_if_cancelled(plan.order)
        for name, said in wanted.items():
            _place_client(plan, name, said, book)


def _client_differs(order: Order, name: str, said: ClientChange | None, book: ClientBook) -> bool:
    current_id = getattr(order, f"{name}_id")
    meant = book.meant(said, current_id) if said else None
    if said is None or meant is None or meant.pk != current_id:
        return True
    return bool(differences(said, meant))


def _place_client(plan: Plan, name: str, said: ClientChange | None, book: ClientBook) -> None:
    current_id = getattr(plan.order, f"{name}_id")
    client, changes = book.place(said, current_id) if said else (None, {})
    if (client.pk if client else None) != current_id:
        plan.fields[name] = client
        plan.said[name] = [_text(current_id), _text(client.pk if client else None)]
    plan.said |= {f"{name}.{key}": list(pair) for key, pair in changes.items()}


def _text(value: object) -> str | None:
    return str(value) if value else None


def write_change(log: Log, plan: Plan) -> None:
    """Everything the plan found. The book must be saved, and the plan must say something."""
    order = plan.order
    for name, value in plan.fields.items():
        setattr(order, name, value)
    _write_items(plan)
    resize(order, plan.resizings)
    order.revision += 1
    order.updated_at = timezone.now()
    order.search = search_vector(order, [*plan.items.values(), *plan.added])
    order.save(update_fields=[*plan.fields, "revision", "updated_at", "search"])
    if plan.resizings or plan.added:
        refresh_standing([order])
    log.record(
        "order.updated",
        subject=f"order:{order.pk}",
        data={"fields": sorted(plan.said), "revision": order.revision},
        body=plan.said,
    )


def _write_items(plan: Plan) -> None:
    changed = {resizing.line_item.pk: resizing.line_item for resizing in plan.resizings}
    for resizing in plan.resizings:
        resizing.line_item.quantity = resizing.quantity
    for line_item_id, fields in plan.item_fields.items():
        item = plan.items[line_item_id]
        changed[item.pk] = item
        for name, value in fields.items():
            setattr(item, name, value)
    if changed:
        LineItem.objects.bulk_update(changed.values(), [*ITEM_FIELDS, "quantity"])
    LineItem.objects.bulk_create(plan.added)
    make_productions([Batch(item, plan.order.order_key, 1, item.quantity) for item in plan.added])
