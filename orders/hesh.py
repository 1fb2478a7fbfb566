"""Everything that may differ at a real Hesh: paths, bodies, limits and what its answers mean (spec/hesh.md).

List, create, attachments, tags and clients/batch have documented paths; update and cancel are at the address that their
siblings suggest, and would be changed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.upstream.adapters import Answer, Call, CannotSend, NothingOwed, Verdict
from dashboard.upstream.inquiries import MIRROR
from dashboard.upstream.models import Attempt, Connection, Delivery
from orders import hesh_answers
from orders.hesh_calls import next_call
from orders.models import Client, Order
from orders.services.mirroring import take_over_productions
from orders.services.numbering import lock_numbers
from orders.services.relaying import CLIENTS, ORDER, SYSTEM, order_of, owe_what_hangs_on

LIST_LIMIT_BYTES = 256 << 20


class HeshAdapter:
    system = SYSTEM
    windows: Sequence[tuple[int, float]] = ((15, 1.0), (300, 60.0), (4_000, 3_600.0))
    reserve: Sequence[tuple[int, float]] = ((1, 1.0), (9, 60.0), (20, 3_600.0))

    def headers(self, connection: Connection, secret: str) -> dict[str, str]:
        tenant = {"x-tenant-id": connection.tenant} if connection.tenant else {}
        return {"x-api-key": secret, **tenant}

    def lock_subjects(self, deliveries: Iterable[Delivery]) -> None:
        """In the order of all services: the organization's numbers, orders by pk, clients."""
        deliveries = list(deliveries)
        for book in sorted({one.organization_id for one in deliveries if one.subject_type == CLIENTS}):
            lock_numbers(book)
        orders = {order_of(one) for one in deliveries if one.subject_type != CLIENTS}
        if orders:
            list(Order.objects.select_for_update(no_key=True).filter(pk__in=orders).order_by("pk").values_list("pk"))

    def build(self, delivery: Delivery) -> Call | NothingOwed | CannotSend:
        return next_call(delivery)

    def read(self, attempt: Attempt, answer: Answer) -> Verdict:
        return hesh_answers.verdict(attempt, answer)

    def settled(self, delivery: Delivery, attempt: Attempt, answer: Answer | None) -> None:
        if answer is not None and attempt.outcome != Attempt.Outcome.DELIVERED:
            return
        if delivery.subject_type == CLIENTS:
            _mark_relayed((attempt.claims or {}).get("clients", {}))
        elif delivery.subject_type == ORDER and attempt.operation == "create":
            owe_what_hangs_on(delivery)
        if answer is not None and delivery.subject_type in {ORDER, MIRROR}:
            take_over_productions(order_of(delivery), _items_in(answer))

    def inquiry(self, connection: Connection) -> Call | None:
        return Call("list", "GET", "/orders", 0, "resend", body_limit=LIST_LIMIT_BYTES)

    def answers(self, answer: Answer) -> Any:
        return hesh_answers.listed(answer)

    def found(self, delivery: Delivery, parsed: Mapping[str, Mapping[str, Any]]) -> Verdict | None:
        if delivery.subject_type != ORDER:
            return None
        listed = parsed.get(Order.objects.values_list("external_order_id", flat=True).get(pk=delivery.subject_id))
        if listed is None or (delivery.operation == "cancel" and listed.get("is_deleted") is not True):
            return None
        return Verdict("delivered", "The upstream's list has it.", remote_id=str(listed.get("id") or ""))

    def subject_refs(self, deliveries: Iterable[Delivery]) -> dict[int, str]:
        return {
            one.pk: f"client:{one.lane}" if one.subject_type == CLIENTS else f"order:{order_of(one)}"
            for one in deliveries
        }


def _mark_relayed(revisions: Mapping[str, int]) -> None:
    """A client that changed again while the call was out stays owed."""
    for client in Client.objects.select_for_update(no_key=True).filter(pk__in=list(revisions)).order_by("pk"):
        if revisions[str(client.pk)] > client.relayed_revision:
            Client.objects.filter(pk=client.pk).update(relayed_revision=revisions[str(client.pk)])


def _items_in(answer: Answer) -> list[Any]:
    """None where the answer says nothing about productions: an upstream need not."""
    try:
        order = hesh_answers.order_in(hesh_answers.parsed(answer))
    except ValueError:
        return []
    items = order.get("order_items", order.get("line_items"))
    return items if isinstance(items, list) else []
