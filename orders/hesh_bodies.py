"""Hesh's words for our orders: what a call says, and what of it the upstream does not hold yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from orders.models import Client, LineItem, Order

State = dict[str, Any]  # {"external_order_id", "fields", "items": {line_item_id: {...}}, "is_deleted"}


def order_path(external_order_id: str) -> str:
    return f"/orders/{quote(external_order_id, safe='')}"


def line_item_path(external_order_id: str, line_item_id: str, part: str) -> str:
    return f"{order_path(external_order_id)}/line-items/{quote(line_item_id, safe='')}/{part}"


def state_of(order: Order, items: Sequence[LineItem]) -> State:
    """Everything that the upstream should hold; becomes what it is known to hold once it says yes."""
    fields = {
        "external_order_number": order.external_order_number,
        "marketplace_order_number": order.marketplace_order_number or None,
        "comment": order.comment or None,
        "deadline_at": moment(order.deadline_at),
        "external_created_at": moment(order.external_created_at),
        "to_stock": order.to_stock,
        "priority": str(order.priority),
        "counterparty_id": order.counterparty_id or None,
        "client": client_body(order.client),
        "primary_client": client_body(order.primary_client),
    }
    return {
        "external_order_id": order.external_order_id,
        "fields": fields,
        "items": {item.line_item_id: _item_body(item) for item in items},
        "is_deleted": order.is_deleted,
    }


def _item_body(item: LineItem) -> dict[str, Any]:
    return {
        "quantity": item.quantity,
        "sku": item.sku or None,
        "product_name": item.product_name or None,
        "comment": item.comment or None,
        "deadline_at": moment(item.deadline_at),
    }


def client_body(client: Client | None) -> dict[str, Any] | None:
    if client is None:
        return None
    body = {name: getattr(client, name) or None for name in ("name", "phone", "email", "company")}
    return {"external_client_id": client.external_client_id, **body} if client.external_client_id else body


def moment(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def create_body(state: State) -> dict[str, Any]:
    """Without what is not there: the less is said, the less an upstream can take amiss."""
    items = [_said({"line_item_id": name, **fields}) for name, fields in state["items"].items()]
    fields = _said(state["fields"])
    for name in ("client", "primary_client"):
        if name in fields:
            fields[name] = _said(fields[name])
    return {"external_order_id": state["external_order_id"], **fields, "order_items": items}


def update_body(wanted: State, held: Sequence[State]) -> dict[str, Any]:
    """Absolute values of what differs from any state that the upstream may hold; empty when nothing does."""
    body = {
        name: value for name, value in wanted["fields"].items() if any(value != h["fields"].get(name) for h in held)
    }
    items = []
    for name, fields in wanted["items"].items():
        changed = {key: value for key, value in fields.items() if any(value != _item(h, name).get(key) for h in held)}
        if any(name not in h["items"] for h in held):
            changed = _said(changed)
        if changed:
            items.append({"line_item_id": name, **changed})
    return {**body, "order_items": items} if items else body


def _item(state: State, line_item_id: str) -> dict[str, Any]:
    found: dict[str, Any] = state["items"].get(line_item_id, {})
    return found


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
