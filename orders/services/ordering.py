"""Creating, changing and cancelling one order. Each is one transaction with its event and what the upstream is owed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, recording
from orders.access import locked_order
from orders.errors import Conflict, NotAllowed
from orders.models import LineItem, Order, Production
from orders.schemas import OrderChange, OrderInput
from orders.services.changing import place_clients, plan_change, write_change
from orders.services.client_book import ClientBook
from orders.services.creation import create_digest, insert_orders
from orders.services.numbering import take_numbers
from orders.services.relaying import owe_orders
from orders.services.standing import refresh_standing


@dataclass(frozen=True)
class Created:
    order: Order
    created: bool  # False: the same order was there already


@dataclass(frozen=True)
class Updated:
    order: Order
    changed: tuple[str, ...]  # the names of what changed; empty: nothing did


@dataclass(frozen=True)
class Cancelled:
    order: Order
    changed: bool  # False: it was cancelled already
    productions: int = 0  # that were cancelled with it


def create_order(*, organization: Organization, actor: Actor, order: OrderInput, source: str) -> Created:
    """The same order again is the one that is there; another one under its id raises Conflict."""
    if existing := _existing(organization, order):
        return existing
    with recording(organization, actor) as log:
        numbers = take_numbers(organization, 1)
        # Whoever created it while we waited for the numbers has committed, so now it would be seen.
        if existing := _existing(organization, order):
            numbers.give_back()
            return existing
        book = ClientBook(organization)
        book.open([client for client in (order.client, order.primary_client) if client])
        new = insert_orders(log, [order], numbers, book, source=source)[0]
        owe_orders(log, [new.order], urgent=source == "console")
        return Created(new.order, created=True)


def _existing(organization: Organization, said: OrderInput) -> Created | None:
    found = Order.objects.filter(organization=organization, external_order_id=said.external_order_id)
    order = found.select_related("client", "primary_client").first()
    if order is None:
        return None
    if bytes(order.create_digest) != create_digest(said):
        raise Conflict(
            f"Another order has the external_order_id {said.external_order_id} already: {order.order_key}.",
            "external_order_id",
        )
    return Created(order, created=False)


def update_order(
    *, organization: Organization, actor: Actor, order_id: UUID, change: OrderChange, urgent: bool = False
) -> Updated:
    """Only what differs is written; where nothing does, there is no event and nothing is owed."""
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        items = {item.line_item_id: item for item in LineItem.objects.filter(order=order).order_by("position")}
        plan = plan_change(order, items, change)
        book = ClientBook(organization)
        book.open(plan.named_clients(), [order.client_id, order.primary_client_id])
        order.client, order.primary_client = book.of(order.client_id), book.of(order.primary_client_id)
        place_clients(plan, book)
        if plan.said:
            book.save()
            write_change(log, plan)
            owe_orders(log, [order], urgent=urgent)
        return Updated(order, tuple(sorted(plan.said)))


def cancel_order(*, organization: Organization, actor: Actor, order_id: UUID) -> Cancelled:
    """Cancels what is not done; an order whose productions are all done can't be cancelled any more."""
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        if order.is_deleted:
            return Cancelled(order, changed=False)
        if order.stage == Order.Stage.DONE:
            raise NotAllowed(f"Order {order.external_order_id} can't be cancelled: all of its productions are done.")
        standing = Production.objects.filter(line_item__order=order).exclude(
            status__in=[Production.Status.DONE, Production.Status.CANCELED]
        )
        count = standing.update(status=Production.Status.CANCELED)
        order.is_deleted = True
        order.revision += 1
        order.updated_at = timezone.now()
        order.save(update_fields=["is_deleted", "revision", "updated_at"])
        refresh_standing([order])
        log.record(
            "order.cancelled", subject=f"order:{order.pk}", data={"productions": count, "revision": order.revision}
        )
        owe_orders(log, [order], urgent=True)
        return Cancelled(order, changed=True, productions=count)
