"""What a file's column can mean to an order: under the import format's own name, and under what people call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["order", "client", "primary_client", "line"]
Kind = Literal["text", "moment", "quantity", "flag", "priority"]


@dataclass(frozen=True)
class Column:
    name: str
    label: str
    part: Part
    key: str  # what the order's schema calls it inside its part
    kind: Kind = "text"
    required: bool = False
    synonyms: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    Column(
        "external_order_id",
        "Order id",
        "order",
        "external_order_id",
        required=True,
        synonyms=("order id", "orderid", "id of order", "external id"),
    ),
    Column(
        "external_order_number",
        "Order number",
        "order",
        "external_order_number",
        required=True,
        synonyms=("order number", "order no", "order nr", "order", "number", "name"),
    ),
    Column(
        "marketplace_order_number",
        "Marketplace order number",
        "order",
        "marketplace_order_number",
        synonyms=("marketplace number", "marketplace order", "marketplace no"),
    ),
    Column(
        "external_created_at",
        "Ordered at",
        "order",
        "external_created_at",
        "moment",
        synonyms=("order date", "ordered at", "created at", "created", "date"),
    ),
    Column(
        "deadline_at",
        "Deadline",
        "order",
        "deadline_at",
        "moment",
        synonyms=("deadline", "due", "due date", "due at", "required date", "delivery date"),
    ),
    Column("priority", "Priority", "order", "priority", "priority", synonyms=("prio",)),
    Column("to_stock", "To stock", "order", "to_stock", "flag", synonyms=("stock", "for stock", "stock order")),
    Column("comment", "Comment", "order", "comment", synonyms=("note", "notes", "order comment", "remark", "remarks")),
    Column("counterparty_id", "Counterparty id", "order", "counterparty_id", synonyms=("counterparty",)),
    Column(
        "external_client_id",
        "Client id",
        "client",
        "external_client_id",
        synonyms=("client id", "customer id", "customer no", "customer number"),
    ),
    Column(
        "client_name",
        "Client name",
        "client",
        "name",
        synonyms=("client", "customer", "customer name", "buyer", "contact", "contact name"),
    ),
    Column(
        "client_company",
        "Client company",
        "client",
        "company",
        synonyms=("company", "customer company", "company name"),
    ),
    Column("client_phone", "Client phone", "client", "phone", synonyms=("phone", "telephone", "customer phone")),
    Column("client_email", "Client e-mail", "client", "email", synonyms=("email", "e mail", "mail", "customer email")),
    Column(
        "primary_client_id",
        "Primary client id",
        "primary_client",
        "external_client_id",
        synonyms=("external primary client id",),
    ),
    Column("primary_client_name", "Primary client name", "primary_client", "name", synonyms=("primary client",)),
    Column("primary_client_company", "Primary client company", "primary_client", "company"),
    Column("primary_client_phone", "Primary client phone", "primary_client", "phone"),
    Column("primary_client_email", "Primary client e-mail", "primary_client", "email"),
    Column(
        "line_item_id",
        "Line item id",
        "line",
        "line_item_id",
        synonyms=("line id", "item id", "line", "position", "position id"),
    ),
    Column(
        "sku", "SKU", "line", "sku", synonyms=("article", "article number", "item sku", "lineitem sku", "product id")
    ),
    Column(
        "product_name",
        "Product",
        "line",
        "product_name",
        synonyms=("product", "item", "item name", "lineitem name", "description", "title"),
    ),
    Column(
        "quantity",
        "Quantity",
        "line",
        "quantity",
        "quantity",
        required=True,
        synonyms=("qty", "pieces", "pcs", "amount", "count", "lineitem quantity", "units"),
    ),
    Column(
        "line_item_comment",
        "Line item comment",
        "line",
        "comment",
        synonyms=("item comment", "line comment", "item note"),
    ),
    Column(
        "line_item_deadline_at",
        "Line item deadline",
        "line",
        "deadline_at",
        "moment",
        synonyms=("item deadline", "line deadline"),
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}
