"""Files of a line item, by the address that the upstream fetches them from."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, recording
from orders.access import line_item_of, locked_order
from orders.errors import NotAllowed
from orders.models import Attachment, LineItem
from orders.schemas import AttachmentInput
from orders.services.changing import refuse_if_cancelled
from orders.services.relaying import owe_attachment

MAX_ATTACHMENTS = 100


@dataclass(frozen=True)
class Attached:
    attachment: Attachment
    created: bool  # False: the same one was there already


def add_attachment(
    *,
    organization: Organization,
    actor: Actor,
    order_id: UUID,
    line_item_id: str,
    attachment: AttachmentInput,
    urgent: bool = False,
) -> Attached:
    """The same attachment again is the one that is there: a caller that lost the answer may repeat itself."""
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        item = line_item_of(order, line_item_id)
        said = {
            "url": attachment.url,
            "file_name": attachment.file_name or "",
            "is_primary": attachment.is_primary,
        }
        if existing := item.attachments.filter(**said).first():
            return Attached(existing, created=False)
        refuse_if_cancelled(order)
        _refuse_too_many(item)
        if attachment.is_primary:
            item.attachments.filter(is_primary=True).update(is_primary=False)
        new = Attachment.objects.create(line_item=item, **said)
        order.updated_at = timezone.now()
        order.save(update_fields=["updated_at"])
        data = {"attachment": new.pk, "line_item_id": item.line_item_id, "is_primary": new.is_primary}
        body = {"url": new.url, "file_name": new.file_name}
        log.record("order.attachment_added", subject=f"order:{order.pk}", data=data, body=body)
        owe_attachment(log, order, new, urgent=urgent)
        return Attached(new, created=True)


def _refuse_too_many(item: LineItem) -> None:
    if item.attachments.count() >= MAX_ATTACHMENTS:
        raise NotAllowed(
            f"A line item takes at most {MAX_ATTACHMENTS} attachments; {item.line_item_id} has them.", "url"
        )
