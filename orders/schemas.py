"""What an order may be told, whoever tells it: one validation for the Public API, the importer and the forms.

Bounds that the contract leaves open: ids and SKUs up to 120 characters, names 200 (products 300), comments 10,000,
1 to 1,000 line items, 1 to 10,000 productions per line item and 20,000 per order, dates from 1900 to 2199. A date
without a zone is UTC.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from orders.errors import invalid
from orders.models import Priority

MAX_LINE_ITEMS = 1_000
MAX_QUANTITY = 10_000
MAX_PRODUCTIONS = 20_000
MAX_CLIENTS = 500
MAX_TAGS = 50
_YEARS = range(1900, 2200)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Everything but line breaks and tabs, which comments may hold.
_CONTROL_IN_PROSE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _text(value: object, pattern: re.Pattern[str]) -> object:
    if not isinstance(value, str):
        return value
    if found := pattern.search(value):
        name = "a NUL character (byte 0)" if found[0] == "\x00" else f"a control character (U+{ord(found[0]):04X})"
        raise ValueError(f"must not hold {name}")
    return value.strip()


def _line(value: object) -> object:
    return _text(value, _CONTROL)


def _id(value: str) -> str:
    # Ids are part of addresses, where these two mean something else.
    if value in {".", ".."}:
        raise ValueError("must not be a dot or two")
    return value


def _prose(value: object) -> object:
    return _text(value, _CONTROL_IN_PROSE)


def _from_text(info: ValidationInfo) -> bool:
    """Files and forms only know text; JSON has numbers and booleans and must use them."""
    return bool(info.context and info.context.get("from_text"))


def _whole_number(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str) and _from_text(info) and re.fullmatch(r"[+-]?\d{1,12}(\.0+)?", value.strip()):
        return int(float(value))
    if isinstance(value, bool | str | float):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic reports ValueErrors only
    return value


def _flag(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str) and _from_text(info):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            value.strip().lower(), value
        )
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - pydantic reports ValueErrors only
    return value


def _priority(value: object, info: ValidationInfo) -> object:
    return value.strip().capitalize() if isinstance(value, str) and _from_text(info) else value


def _moment(value: object) -> object:
    if isinstance(value, str):
        value = _parse_moment(value.strip())
    if isinstance(value, dt.datetime):
        if value.year not in _YEARS:
            raise ValueError("must be a date from 1900 to 2199")
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    raise ValueError("must be a date and time such as 2026-03-01T12:00:00Z")


def _parse_moment(text: str) -> dt.datetime:
    if not _DATE.fullmatch(text):
        raise ValueError("must be a date and time such as 2026-03-01T12:00:00Z")
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"is not a date and time that exists: {text[:40]}") from error


def _address(value: str) -> str:
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError("must be an e-mail address")
    return value


def _http_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", value):
        raise ValueError("must be an http or https address")
    return value


Id = Annotated[str, Field(strict=True, min_length=1, max_length=120), BeforeValidator(_line), AfterValidator(_id)]
# An empty optional text says the same as null: there is none.
OptionalId = Annotated[str, Field(strict=True, max_length=120), BeforeValidator(_line), AfterValidator(_id)] | None
Name = Annotated[str, Field(strict=True, min_length=1, max_length=200), BeforeValidator(_line)]
ShortText = Annotated[str, Field(strict=True, max_length=200), BeforeValidator(_line)] | None
Phone = Annotated[str, Field(strict=True, max_length=60), BeforeValidator(_line)] | None
Email = Annotated[str, Field(strict=True, max_length=254), BeforeValidator(_line), AfterValidator(_address)] | None
ProductName = Annotated[str, Field(strict=True, max_length=300), BeforeValidator(_line)] | None
Comment = Annotated[str, Field(strict=True, max_length=10_000), BeforeValidator(_prose)] | None
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY), BeforeValidator(_whole_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
PriorityName = Annotated[Priority, BeforeValidator(_priority)]
Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
Tag = Annotated[str, Field(strict=True, min_length=1, max_length=80), BeforeValidator(_line)]


class Input(BaseModel):
    """Unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


SchemaT = TypeVar("SchemaT", bound=Input)


def validate(schema: type[SchemaT], data: Any, *, from_text: bool = False) -> SchemaT:
    """Raises `orders.errors.Invalid`. `from_text` also takes numbers and flags written as text."""
    try:
        return schema.model_validate(data, context={"from_text": from_text})
    except ValidationError as error:
        raise invalid(error) from error


class ClientInput(Input):
    name: Name
    external_client_id: OptionalId = None
    phone: Phone = None
    email: Email = None
    company: ShortText = None


class ClientChange(Input):
    """A client of an order that exists: what is not named stays."""

    name: Name | None = None
    external_client_id: OptionalId = None
    phone: Phone = None
    email: Email = None
    company: ShortText = None

    @model_validator(mode="after")
    def name_stays(self) -> Self:
        if "name" in self.model_fields_set and self.name is None:
            raise ValueError("must keep its name: it is null")
        return self


class BatchClient(ClientInput):
    external_client_id: Id


class ClientBatch(Input):
    clients: Annotated[list[BatchClient], Field(min_length=1, max_length=MAX_CLIENTS)]


class LineItemInput(Input):
    line_item_id: OptionalId = None
    quantity: Quantity
    sku: OptionalId = None
    product_name: ProductName = None
    comment: Comment = None
    deadline_at: Moment | None = None


class LineItemChange(Input):
    """Matched by `line_item_id`; without one, or with one that the order does not have yet, it is a new line item."""

    line_item_id: OptionalId = None
    quantity: Quantity | None = None
    sku: OptionalId = None
    product_name: ProductName = None
    comment: Comment = None
    deadline_at: Moment | None = None


def _distinct(items: list[Any]) -> list[Any]:
    seen: set[str] = set()
    for item in items:
        if item.line_item_id and item.line_item_id in seen:
            raise ValueError(f"names the line_item_id {item.line_item_id} twice")
        seen.add(item.line_item_id or "")
    return items


def _bounded(items: list[Any]) -> list[Any]:
    total = sum(item.quantity or 0 for item in items)
    if total > MAX_PRODUCTIONS:
        raise ValueError(f"adds up to {total:,} productions; an order takes at most {MAX_PRODUCTIONS:,}")
    return items


LineItems = Annotated[
    list[LineItemInput],
    Field(min_length=1, max_length=MAX_LINE_ITEMS),
    AfterValidator(_distinct),
    AfterValidator(_bounded),
]
LineItemChanges = Annotated[
    list[LineItemChange], Field(max_length=MAX_LINE_ITEMS), AfterValidator(_distinct), AfterValidator(_bounded)
]


class OrderInput(Input):
    external_order_id: Id
    external_order_number: Id
    marketplace_order_number: OptionalId = None
    comment: Comment = None
    deadline_at: Moment | None = None
    external_created_at: Moment | None = None
    to_stock: Flag = False
    priority: PriorityName = Priority.MEDIUM
    counterparty_id: OptionalId = None
    client: ClientInput | None = None
    primary_client: ClientInput | None = None
    order_items: LineItems


class OrderChange(Input):
    """Only what is named changes; null takes an optional value away. Line items that are not named stay."""

    external_order_id: Id | None = None  # may be repeated, can't be changed
    external_order_number: Id | None = None
    marketplace_order_number: OptionalId = None
    comment: Comment = None
    deadline_at: Moment | None = None
    external_created_at: Moment | None = None
    to_stock: Flag | None = None
    priority: PriorityName | None = None
    counterparty_id: OptionalId = None
    client: ClientChange | None = None
    primary_client: ClientChange | None = None
    order_items: LineItemChanges = []

    @model_validator(mode="after")
    def required_values_stay(self) -> Self:
        for name in ("external_order_id", "external_order_number", "to_stock", "priority"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


class OrderRow(OrderChange):
    """An order as a file has it: new or known. Cells that are empty are left out, so that they keep the value."""

    external_order_id: Id
    order_items: Annotated[LineItemChanges, Field(min_length=1)]


class TagsInput(Input):
    tags: Annotated[list[Tag], Field(min_length=1, max_length=MAX_TAGS)]
    apply_to_nested_productions: Flag = False


class TagsReplacement(Input):
    tags: Annotated[list[Tag], Field(max_length=MAX_TAGS)]
    apply_to_nested_productions: Flag = False


class AttachmentInput(Input):
    url: Annotated[str, Field(strict=True, max_length=2000), BeforeValidator(_line), AfterValidator(_http_url)]
    file_name: Annotated[str, Field(strict=True, max_length=255), BeforeValidator(_line)] | None = None
    is_primary: Flag = False
