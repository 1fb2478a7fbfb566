"""What people say about an order among themselves, and who looks after it. No upstream hears of either."""

from __future__ import annotations

from uuid import UUID

from dashboard.accounts.models import Membership, Organization, User
from dashboard.events.recording import Actor, recording
from orders.access import locked_order
from orders.errors import Missing, OrderError
from orders.models import Order, OrderNote

LONGEST = 2_000


def note_order(
    *, organization: Organization, actor: Actor, order_id: UUID, author: User | None, text: str
) -> OrderNote:
    text = text.replace("\x00", "").strip()
    if not text or len(text) > LONGEST:
        raise OrderError(f"text must have 1 to {LONGEST:,} characters.", "text")
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        note = OrderNote.objects.create(order=order, author=author, text=text)
        log.record("order.noted", subject=f"order:{order.pk}", data={"note": note.pk}, body={"text": text})
        return note


def assign_order(*, organization: Organization, actor: Actor, order_id: UUID, assignee_id: UUID | None) -> Order:
    """To a member of the organization, or to nobody. The same again changes nothing."""
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        if assignee_id and not Membership.objects.filter(organization=organization, user_id=assignee_id).exists():
            raise Missing("There is no such member.", "assignee")
        if order.assignee_id != assignee_id:
            order.assignee_id = assignee_id
            order.save(update_fields=["assignee"])
            if assignee_id:
                log.record("order.assigned", subject=f"order:{order.pk}", data={"assignee": assignee_id})
            else:
                log.record("order.unassigned", subject=f"order:{order.pk}")
        return order
