"""Productions as an upstream reports them. Only rows that differ are written; an answer may also say nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from dashboard.events.recording import SYSTEM, recording
from dashboard.upstream.inquiries import MIRROR
from dashboard.upstream.models import Delivery
from orders.models import LineItem, Order, Production
from orders.services.relaying import ORDER, owe_read
from orders.services.standing import refresh_standing

# The productions of one order that an answer may name; more is no order of ours.
MOST = 40_000
FRESH = timedelta(minutes=1)


@dataclass(frozen=True)
class Reported:
    remote_id: str
    key: str
    status: str
    progress: int


def ask_for_productions(*, order: Order) -> None:
    """Somebody looks at the order: read it at the upstream, at most once a minute and while it can still change.

    An upstream that once answered 404 for an order that it has offers no such read; then nobody asks again.
    """
    now = timezone.now()
    is_fresh = order.productions_reported_at and now - order.productions_reported_at < FRESH
    if is_fresh or order.stage in {Order.Stage.DONE, Order.Stage.CANCELLED}:
        return
    of_order = Delivery.objects.filter(organization=order.organization_id, subject_type=ORDER, subject_id=order.pk)
    there = of_order.filter(acknowledged__isnull=False).values("connection")
    offers_none = Delivery.objects.filter(connection__in=there, subject_type=MIRROR, acknowledged={"exists": False})
    if there.exists() and not offers_none.exists():
        with recording(order.organization, SYSTEM) as log:
            owe_read(log, order, revision=int(now.timestamp() // FRESH.total_seconds()))


def take_over_productions(order_id: UUID, items: Iterable[Any]) -> None:
    """Inside the transaction that settles the answer, with the order locked."""
    reported = {name: found for item in items if (name := _name(item)) and (found := _reported(item))}
    if not reported or sum(map(len, reported.values())) > MOST:
        return
    order = Order.objects.select_related("organization").get(pk=order_id)
    moved = _write(order, reported)
    order.productions_reported_at = timezone.now()
    order.save(update_fields=["productions_reported_at"])
    if moved:
        refresh_standing([order])
        with recording(order.organization, SYSTEM) as log:
            log.record("production.reported", subject=f"order:{order.pk}", data={"count": moved})


def _name(item: Any) -> str:
    return str(item.get("line_item_id") or "") if isinstance(item, dict) else ""


def _reported(item: Mapping[str, Any]) -> list[Reported]:
    productions = item.get("productions")
    return [found for one in productions if (found := _one(one))] if isinstance(productions, list) else []


def _one(said: Any) -> Reported | None:
    if not isinstance(said, dict) or said.get("status") not in Production.Status.values:
        return None
    progress = said.get("progress")
    percent = min(max(progress, 0), 100) if isinstance(progress, int) else 0
    return Reported(_text(said.get("id"), 120), _text(said.get("key"), 60), said["status"], percent)


def _text(value: Any, longest: int) -> str:
    return str(value or "").replace("\x00", "")[:longest]


def _write(order: Order, reported: Mapping[str, list[Reported]]) -> int:
    """How many changed their status or progress."""
    items = {item.pk: item for item in LineItem.objects.filter(order=order, line_item_id__in=list(reported))}
    ours: dict[UUID, list[Production]] = defaultdict(list)
    for production in Production.objects.filter(line_item__in=list(items)).order_by("number"):
        ours[production.line_item_id].append(production)
    changed, new, moved = [], [], 0
    for pk, item in items.items():
        pairs, surplus = _paired(ours[pk], reported[item.line_item_id])
        for production, said in pairs:
            before = (production.status, production.progress)
            if _take(production, said):
                changed.append(production)
                moved += before != (production.status, production.progress)
        last = max((production.number for production in ours[pk]), default=0)
        new += [_new(item, number, said) for number, said in enumerate(surplus, start=last + 1)]
    _update(changed)
    Production.objects.bulk_create(new)
    return moved + len(new)


def _paired(
    ours: list[Production], reported: list[Reported]
) -> tuple[list[tuple[Production, Reported]], list[Reported]]:
    """By the upstream's id where it is known, else in sequence; and what we have no production for."""
    by_id = {production.remote_id: production for production in ours if production.remote_id}
    pairs = [(by_id[said.remote_id], said) for said in reported if said.remote_id in by_id]
    strangers = [said for said in reported if said.remote_id not in by_id]
    unpaired = [production for production in ours if not production.remote_id]
    return pairs + list(zip(unpaired, strangers, strict=False)), strangers[len(unpaired) :]


def _take(production: Production, said: Reported) -> bool:
    """Whether anything differs."""
    wanted = (said.remote_id or production.remote_id, said.key or production.key, said.status, said.progress)
    before = (production.remote_id, production.key, production.status, production.progress)
    production.remote_id, production.key, production.status, production.progress = wanted
    return wanted != before


def _new(item: LineItem, number: int, said: Reported) -> Production:
    return Production(
        line_item=item,
        number=number,
        key=said.key or f"{item.line_item_id[:40]}-{number}",
        status=said.status,
        progress=said.progress,
        remote_id=said.remote_id,
    )


_UPDATE = """
    UPDATE orders_production AS p SET remote_id = n.remote_id, key = n.key, status = n.status, progress = n.progress
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::int[]) AS n (id, remote_id, key, status, progress)
    WHERE p.id = n.id
"""


def _update(changed: list[Production]) -> None:
    """One statement: the first answer names every production of the order."""
    if changed:
        columns = zip(*((p.pk, p.remote_id, p.key, p.status, p.progress) for p in changed), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [list(column) for column in columns])
