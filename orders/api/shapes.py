"""What the Public API answers (spec/hesh.md, sections 1.1 and 1.2): as bodies, and as schemas for its description."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from orders.models import Client, LineItem, Order, Priority, Production


class ProductionOut(BaseModel):
    id: UUID
    key: str
    status: Production.Status
    progress: int


class LineItemOut(BaseModel):
    id: UUID
    line_item_id: str
    quantity: int
    sku: str | None
    product_name: str | None
    comment: str | None
    deadline_at: dt.datetime | None
    tags: list[str]
    productions: list[ProductionOut]


class ClientOut(BaseModel):
    id: UUID
    external_client_id: str | None
    name: str
    phone: str | None
    email: str | None
    company: str | None


class OrderOut(BaseModel):
    """An order as the list has it."""

    id: UUID
    external_order_number: str | None
    marketplace_order_number: str | None
    external_order_id: str | None
    order_key: str
    comment: str | None
    to_stock: bool
    is_deleted: bool
    priority: Priority
    client_id: UUID | None
    counterparty_id: str | None
    created_at: dt.datetime


class WholeOrderOut(OrderOut):
    deadline_at: dt.datetime | None
    external_created_at: dt.datetime | None
    updated_at: dt.datetime
    status: Order.Stage
    progress: int
    client: ClientOut | None
    primary_client: ClientOut | None
    order_items: list[LineItemOut]


class MessageOut(BaseModel):
    message: str


class ErrorOut(BaseModel):
    statusCode: int  # noqa: N815 - the contract's word
    message: str
    error: str


LISTED = (
    *("id", "external_order_number", "marketplace_order_number", "external_order_id", "order_key", "comment"),
    *("to_stock", "is_deleted", "priority", "client_id", "counterparty_id", "created_at"),
)
_TEXTS_OR_NULL = ("marketplace_order_number", "comment", "counterparty_id")


def listed_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a row's `LISTED` values."""
    body = {name: values[name] for name in LISTED} | {name: values[name] or None for name in _TEXTS_OR_NULL}
    return body | {"created_at": _moment(values["created_at"])}


def whole_order(order: Order) -> dict[str, Any]:
    items = list(LineItem.objects.filter(order=order).order_by("position"))
    productions: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = Production.objects.filter(line_item__in=items).order_by("number")
    for pk, item_id, key, status, progress in rows.values_list("id", "line_item_id", "key", "status", "progress"):
        productions[item_id].append({"id": pk, "key": key, "status": status, "progress": progress})
    return {
        **listed_order({name: getattr(order, name) for name in LISTED}),
        "deadline_at": _moment(order.deadline_at),
        "external_created_at": _moment(order.external_created_at),
        "updated_at": _moment(order.updated_at),
        "status": str(order.stage),
        "progress": order.progress,
        "client": _client(order.client),
        "primary_client": _client(order.primary_client),
        "order_items": [_line_item(item, productions[item.pk]) for item in items],
    }


def _line_item(item: LineItem, productions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": item.pk,
        "line_item_id": item.line_item_id,
        "quantity": item.quantity,
        "sku": item.sku or None,
        "product_name": item.product_name or None,
        "comment": item.comment or None,
        "deadline_at": _moment(item.deadline_at),
        "tags": item.tags,
        "productions": productions,
    }


def _client(client: Client | None) -> dict[str, Any] | None:
    return client_bodies([client])[0] if client else None


def client_bodies(clients: Iterable[Client]) -> list[dict[str, Any]]:
    names = ("phone", "email", "company")
    return [
        {
            "id": client.pk,
            "external_client_id": client.external_client_id,
            "name": client.name,
            **{name: getattr(client, name) or None for name in names},
        }
        for client in clients
    ]


def _moment(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
