"""Up to a hundred orders of a file in one transaction: new ones inserted together, known ones where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, Log, recording
from orders.errors import OrderError
from orders.models import LineItem, Order
from orders.schemas import OrderChange, OrderInput, OrderRow, validate
from orders.services.changing import Items, Plan, place_clients, plan_change, write_change
from orders.services.client_book import ClientBook
from orders.services.creation import insert_orders
from orders.services.numbering import Numbers, take_numbers
from orders.services.relaying import owe_orders

MAX_ORDERS = 100
Outcome = Literal["created", "updated", "unchanged", "rejected"]
Row = OrderInput | OrderRow


@dataclass(frozen=True)
class Written:
    """What became of one order, in the sequence of the input."""

    external_order_id: str
    outcome: Outcome
    order_id: UUID | None = None
    error: str = ""
    field: str = ""


def write_orders(*, organization: Organization, actor: Actor, orders: Sequence[Row], source: str) -> list[Written]:
    """A rejected order leaves the others as they are; of itself it leaves nothing.

    Fields that were not given keep their value. The external ids must differ.
    """
    if len(orders) > MAX_ORDERS or len({row.external_order_id for row in orders}) < len(orders):
        raise ValueError(f"At most {MAX_ORDERS} orders at once, each of them once.")
    with recording(organization, actor) as log:
        writing = _Writing(log, ClientBook(organization), {})
        numbers, known = _known(organization, [row.external_order_id for row in orders])
        inputs = [new for row in orders if row.external_order_id not in known and (new := writing.as_input(row))]
        plans = [
            plan
            for row in orders
            if (order := known.get(row.external_order_id)) and (plan := writing.plan(row, *order))
        ]
        writing.open_book(inputs, plans)
        changed = [plan for plan in plans if writing.placed(plan)]
        writing.create(inputs, numbers, source)
        writing.change(changed)
        return [writing.written[row.external_order_id] for row in orders]


def dry_run_orders(*, organization: Organization, orders: Sequence[Row]) -> list[Written]:
    """What `write_orders` would answer now, without a lock and without writing anything."""
    writing = _Writing(None, ClientBook(organization), {})
    ids = [row.external_order_id for row in orders]
    known = _with_items(Order.objects.filter(organization=organization, external_order_id__in=ids))
    plans = []
    for row in orders:
        found = known.get(row.external_order_id)
        if found is None and writing.as_input(row):
            writing.note(row.external_order_id, "created")
        elif found and (plan := writing.plan(row, *found)):
            plans.append(plan)
    named = [client for plan in plans for client in plan.named_clients()]
    writing.book.peek(named, [pk for plan in plans for pk in (plan.order.client_id, plan.order.primary_client_id)])
    for plan in plans:
        if writing.placed(plan):
            writing.note(plan.order.external_order_id, "updated", plan.order.pk)
    return [writing.written[row.external_order_id] for row in orders]


def _known(organization: Organization, ids: list[str]) -> tuple[Numbers | None, dict[str, tuple[Order, Items]]]:
    """Numbers first, then the orders: a writer that holds an order never waits for the numbers."""
    found = Order.objects.filter(organization=organization, external_order_id__in=ids)
    missing = len(ids) - found.count()
    numbers = take_numbers(organization, missing) if missing else None
    return numbers, _with_items(found.select_for_update(no_key=True).order_by("pk"))


def _with_items(found: object) -> dict[str, tuple[Order, Items]]:
    orders = {order.pk: order for order in found}  # type: ignore[attr-defined]  # a queryset of orders
    items: dict[UUID, dict[str, LineItem]] = {pk: {} for pk in orders}
    for item in LineItem.objects.filter(order_id__in=list(orders)).order_by("order_id", "position"):
        items[item.order_id][item.line_item_id] = item
    return {order.external_order_id: (order, items[pk]) for pk, order in orders.items()}


@dataclass
class _Writing:
    log: Log | None
    book: ClientBook
    written: dict[str, Written]

    def note(self, external_order_id: str, outcome: Outcome, order_id: UUID | None = None) -> None:
        self.written[external_order_id] = Written(external_order_id, outcome, order_id)

    def reject(self, external_order_id: str, error: OrderError) -> None:
        self.written[external_order_id] = Written(external_order_id, "rejected", None, error.message, error.field)

    def as_input(self, row: Row) -> OrderInput | None:
        if isinstance(row, OrderInput):
            return row
        try:
            return validate(OrderInput, row.model_dump(exclude_unset=True))
        except OrderError as error:
            self.reject(row.external_order_id, error)
            return None

    def plan(self, row: Row, order: Order, items: Items) -> Plan | None:
        try:
            return plan_change(order, items, _as_change(row))
        except OrderError as error:
            self.reject(row.external_order_id, error)
            return None

    def open_book(self, inputs: Sequence[OrderInput], plans: Sequence[Plan]) -> None:
        said = [client for new in inputs for client in (new.client, new.primary_client) if client]
        said_in_plans = [client for plan in plans for client in plan.named_clients()]
        current = [pk for plan in plans for pk in (plan.order.client_id, plan.order.primary_client_id)]
        self.book.open([*said_in_plans, *said], current)

    def placed(self, plan: Plan) -> bool:
        """Whether anything would change."""
        plan.order.client = self.book.of(plan.order.client_id)
        plan.order.primary_client = self.book.of(plan.order.primary_client_id)
        try:
            place_clients(plan, self.book)
        except OrderError as error:
            self.reject(plan.order.external_order_id, error)
            return False
        if not plan.said:
            self.note(plan.order.external_order_id, "unchanged", plan.order.pk)
        return bool(plan.said)

    def create(self, inputs: Sequence[OrderInput], numbers: Numbers | None, source: str) -> None:
        if inputs and numbers and self.log:
            new = insert_orders(self.log, inputs, numbers, self.book, source=source)
            owe_orders(self.log, [one.order for one in new], urgent=False)
            for one in new:
                self.note(one.order.external_order_id, "created", one.order.pk)
        else:
            self.book.save()
        if numbers:
            numbers.give_back()

    def change(self, plans: Sequence[Plan]) -> None:
        if plans and self.log:
            for plan in plans:
                write_change(self.log, plan)
                self.note(plan.order.external_order_id, "updated", plan.order.pk)
            owe_orders(self.log, [plan.order for plan in plans], urgent=False)


def _as_change(row: Row) -> OrderChange:
    """Only what was given; a line item without an id is the one at its position: the same file changes nothing."""
    said = row.model_dump(exclude_unset=True)
    for position, item in enumerate(said["order_items"], start=1):
        item["line_item_id"] = item.get("line_item_id") or str(position)
    return validate(OrderChange, said)
