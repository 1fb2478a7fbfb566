"""The next call for each kind of subject, from its present state and what the upstream is known, or feared, to hold."""

from __future__ import annotations

from dashboard.upstream.adapters import Call, CannotSend, NothingOwed
from dashboard.upstream.inquiries import MIRROR
from dashboard.upstream.models import Attempt, Delivery
from orders.hesh_bodies import State, client_body, create_body, line_item_path, order_path, state_of, update_body
from orders.models import Attachment, Client, LineItem, Order
from orders.services.relaying import ATTACHMENT, CLIENTS, ORDER, TAGS

Next = Call | NothingOwed | CannotSend
CLIENTS_AT_ONCE = 500
_ALREADY = NothingOwed("The upstream holds this already.")
_ORDER_FIRST = CannotSend("The order itself is not at the upstream. Send the order first; this then follows by itself.")


def next_call(delivery: Delivery) -> Next:
    calls = {ORDER: _order, TAGS: _tags, ATTACHMENT: _attachment, CLIENTS: _clients, MIRROR: _mirror}
    return calls[delivery.subject_type](delivery)


def doubts(delivery: Delivery) -> list[Attempt]:
    """Attempts since the last yes that may have been carried out or not, newest first."""
    since: list[Attempt] = []
    if not delivery.operation:
        return since  # nothing ever left
    for attempt in delivery.attempts.order_by("-id")[:20]:
        if attempt.outcome == Attempt.Outcome.DELIVERED:
            break
        if attempt.outcome == Attempt.Outcome.UNKNOWN:
            since.append(attempt)
    return since


def _order(delivery: Delivery) -> Next:
    order = Order.objects.select_related("client", "primary_client").get(pk=delivery.subject_id)
    wanted = state_of(order, list(order.line_items.order_by("position")))
    held: State | None = delivery.acknowledged
    doubted = doubts(delivery)
    path = order_path(order.external_order_id)
    if order.is_deleted:
        if held is None and not doubted:
            return NothingOwed("It was cancelled before the upstream heard of it.", withdrawn=True)
        if held is not None and held.get("is_deleted"):
            return _ALREADY
        return Call("cancel", "DELETE", path, order.revision, "ask", claims=wanted)
    if held is None:
        return Call("create", "POST", "/orders", order.revision, "ask", body=create_body(wanted), claims=wanted)
    body = update_body(wanted, [held, *(attempt.claims for attempt in doubted if attempt.claims)])
    return Call("update", "PATCH", path, order.revision, "resend", body=body, claims=wanted) if body else _ALREADY


def _tags(delivery: Delivery) -> Next:
    item = LineItem.objects.select_related("order").get(pk=delivery.subject_id)
    if idle := _unless_order_is_there(delivery, item.order):
        return idle
    held = delivery.acknowledged or {"tags": [], "nested": False}
    wanted = {"tags": list(item.tags), "nested": item.tags_on_nested}
    last = delivery.attempts.order_by("-id").first()
    told = last is not None and last.outcome != Attempt.Outcome.DELIVERED
    if not told and set(held["tags"]) == set(item.tags) and held["nested"] == item.tags_on_nested:
        return _ALREADY
    return _tag_call(delivery, item, held, wanted, last if told else None)


def _tag_call(delivery: Delivery, item: LineItem, held: State, wanted: State, last: Attempt | None) -> Call:
    """Additions are added; all else replaces the whole set, and so does what follows an addition that went wrong."""
    path = line_item_path(item.order.external_order_id, item.line_item_id, "tags")
    added = [tag for tag in wanted["tags"] if tag not in held["tags"]]
    in_doubt = doubts(delivery)
    same_again = all((attempt.claims or {}).get("tags") == wanted["tags"] for attempt in in_doubt)
    refused = last is not None and last.outcome == Attempt.Outcome.REFUSED
    body = {"tags": wanted["tags"], "apply_to_nested_productions": wanted["nested"]}
    if added and set(held["tags"]) <= set(wanted["tags"]) and same_again and not refused:
        claims = {**wanted, "added": added, "again": bool(in_doubt)}
        return Call("add_tags", "POST", path, item.tags_revision, "resend", body={**body, "tags": added}, claims=claims)
    return Call("replace_tags", "PUT", path, item.tags_revision, "resend", body=body, claims=wanted)


def _attachment(delivery: Delivery) -> Next:
    attachment = Attachment.objects.select_related("line_item__order").get(pk=delivery.subject_id)
    item = attachment.line_item
    if delivery.acknowledged is not None:
        return _ALREADY
    if idle := _unless_order_is_there(delivery, item.order):
        return idle
    body: State = {"url": attachment.url, "is_primary": attachment.is_primary}
    if attachment.file_name:
        body["file_name"] = attachment.file_name
    path = line_item_path(item.order.external_order_id, item.line_item_id, "attachments")
    return Call("attach", "POST", path, delivery.revision, "person", body=body, claims={"attached": True})


def _unless_order_is_there(delivery: Delivery, order: Order) -> NothingOwed | CannotSend | None:
    if order.is_deleted:
        return NothingOwed("Its order is cancelled.", withdrawn=delivery.acknowledged is None)
    there = Delivery.objects.filter(
        connection=delivery.connection_id, subject_type=ORDER, subject_id=order.pk, acknowledged__isnull=False
    )
    return None if there.exists() else _ORDER_FIRST


def _clients(delivery: Delivery) -> Next:
    """The book's revision was read before its clients, so what is added meanwhile is owed again rather than missed."""
    changed = Client.objects.filter(organization=delivery.organization_id, external_client_id__isnull=False)
    clients = list(changed.extra(where=["revision > relayed_revision"]).order_by("pk")[: CLIENTS_AT_ONCE + 1])
    if not clients:
        return _ALREADY
    batch = clients[:CLIENTS_AT_ONCE]
    # With more left than fit, this call settles nothing, so that the next one follows.
    revision = delivery.revision if len(batch) == len(clients) else delivery.acknowledged_revision
    claims = {"clients": {str(client.pk): client.revision for client in batch}}
    body = {"clients": [client_body(client) for client in batch]}
    return Call("upsert_clients", "POST", "/clients/batch", revision, "resend", body=body, claims=claims)


def _mirror(delivery: Delivery) -> Next:
    order = Order.objects.get(pk=delivery.subject_id)
    if idle := _unless_order_is_there(delivery, order):
        return NothingOwed(idle.reason)
    return Call("read", "GET", order_path(order.external_order_id), delivery.revision, "resend", body_limit=8 << 20)
