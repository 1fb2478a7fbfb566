"""Tags of a line item: added to (and refused when one is there already) or replaced as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, Log, recording
from orders.access import line_item_of, locked_order
from orders.errors import Conflict, NotAllowed
from orders.models import LineItem, Order
from orders.schemas import MAX_TAGS, TagsInput, TagsReplacement
from orders.search import refresh_search
from orders.services.changing import refuse_if_cancelled
from orders.services.relaying import owe_tags


@dataclass(frozen=True)
class Tagged:
    line_item: LineItem
    changed: bool


def add_tags(
    *,
    organization: Organization,
    actor: Actor,
    order_id: UUID,
    line_item_id: str,
    tags: TagsInput,
    urgent: bool = False,
) -> Tagged:
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        item = line_item_of(order, line_item_id)
        refuse_if_cancelled(order)
        added = list(dict.fromkeys(tags.tags))
        if there := [tag for tag in added if tag in item.tags]:
            raise Conflict(f"Line item {item.line_item_id} already has the tag {there[0]}.", "tags")
        if len(item.tags) + len(added) > MAX_TAGS:
            raise NotAllowed(
                f"A line item takes at most {MAX_TAGS} tags; {item.line_item_id} has {len(item.tags)}.", "tags"
            )
        _write(log, order, item, [*item.tags, *added], nested=tags.apply_to_nested_productions, urgent=urgent)
        log.record("order.tags_added", subject=f"order:{order.pk}", data=_data(item, added), body={"tags": added})
        return Tagged(item, changed=True)


def replace_tags(
    *,
    organization: Organization,
    actor: Actor,
    order_id: UUID,
    line_item_id: str,
    tags: TagsReplacement,
    urgent: bool = False,
) -> Tagged:
    """The same tags again change nothing."""
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        item = line_item_of(order, line_item_id)
        wanted, before = list(dict.fromkeys(tags.tags)), list(item.tags)
        if wanted == before and tags.apply_to_nested_productions == item.tags_on_nested:
            return Tagged(item, changed=False)
        refuse_if_cancelled(order)
        _write(log, order, item, wanted, nested=tags.apply_to_nested_productions, urgent=urgent)
        body = {"tags": [before, wanted]}
        log.record("order.tags_replaced", subject=f"order:{order.pk}", data=_data(item, wanted), body=body)
        return Tagged(item, changed=True)


def _write(log: Log, order: Order, item: LineItem, tags: list[str], *, nested: bool, urgent: bool) -> None:
    item.tags, item.tags_on_nested = tags, nested
    item.tags_revision += 1
    item.save(update_fields=["tags", "tags_on_nested", "tags_revision"])
    order.updated_at = timezone.now()
    order.save(update_fields=["updated_at"])
    refresh_search([order.pk])
    owe_tags(log, order, [item], urgent=urgent)


def _data(item: LineItem, tags: list[str]) -> dict[str, object]:
    return {"line_item_id": item.line_item_id, "count": len(tags), "revision": item.tags_revision}
