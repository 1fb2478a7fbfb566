"""A person's edit on the form: refused if somebody else changed the order since it was opened, and sent at once."""

from __future__ import annotations

from uuid import UUID

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, recording
from dashboard.upstream.models import Delivery
from dashboard.upstream.services import retry_deliveries
from orders.access import locked_order
from orders.errors import Conflict
from orders.schemas import OrderChange
from orders.services.ordering import Updated, update_order
from orders.services.relaying import ORDER


def edit_order(
    *, organization: Organization, actor: Actor, order_id: UUID, change: OrderChange, revision: int
) -> Updated:
    """Like `update_order`, onto exactly this revision. A refused order is sent again even where nothing changed."""
    with recording(organization, actor):
        order = locked_order(organization, order_id)
        if order.revision != revision:
            raise Conflict(
                f"Order {order.order_key} was changed by somebody else while this form was open: nothing was saved."
                " Compare, then save again to replace that."
            )
        updated = update_order(organization=organization, actor=actor, order_id=order_id, change=change, urgent=True)
        if not updated.changed:
            refused = Delivery.objects.filter(
                organization=organization, subject_type=ORDER, subject_id=order_id, state=Delivery.State.REFUSED
            )
            if pks := list(refused.values_list("pk", flat=True)):
                retry_deliveries(organization=organization, actor=actor, delivery_ids=pks)
        return updated
