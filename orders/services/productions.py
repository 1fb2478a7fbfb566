"""Status and progress of productions, changed by people where no upstream is connected (spec/hesh.md, section 2).

To do may start, come from stock or be cancelled; what is in progress may stop, finish or be cancelled; done and
cancelled are final. Progress belongs to what has started: to do is 0, from stock and done are 100, stopped keeps its
last value, and reaching 100 finishes a production.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, recording
from orders.access import locked_order
from orders.errors import Missing, NotAllowed, OrderError
from orders.models import Order, Production
from orders.services.changing import refuse_if_cancelled
from orders.services.relaying import is_relayed
from orders.services.standing import refresh_standing

Status = Production.Status
NEXT: dict[str, tuple[Status, ...]] = {
    Status.TO_DO: (Status.IN_PROGRESS, Status.FROM_STOCK, Status.CANCELED),
    Status.IN_PROGRESS: (Status.STOPPED, Status.DONE, Status.CANCELED),
    Status.STOPPED: (Status.IN_PROGRESS, Status.CANCELED),
    Status.FROM_STOCK: (Status.IN_PROGRESS, Status.CANCELED),
    Status.DONE: (),
    Status.CANCELED: (),
}
_PROGRESS_OF = {Status.FROM_STOCK: 100, Status.DONE: 100}
NAMED_KEYS = 20


@dataclass(frozen=True)
class Skipped:
    key: str
    reason: str


@dataclass(frozen=True)
class ProductionsChanged:
    order: Order
    changed: int
    skipped: tuple[Skipped, ...]


def change_productions(
    *,
    organization: Organization,
    actor: Actor,
    order_id: UUID,
    production_ids: Sequence[UUID] | None = None,
    status: str | None = None,
    progress: int | None = None,
) -> ProductionsChanged:
    """Of the named ones or the whole order. What may not is skipped with its reason; if nothing may, it raises."""
    _refuse_nonsense(status, progress)
    with recording(organization, actor) as log:
        order = locked_order(organization, order_id)
        refuse_if_cancelled(order)
        refuse_if_relayed(organization)
        productions = _named(order, production_ids)
        changed, skipped = _moved(productions, status, progress)
        if changed:
            Production.objects.bulk_update(changed, ["status", "progress"], batch_size=1_000)
            refresh_standing([order])
            order.updated_at = timezone.now()
            order.save(update_fields=["updated_at"])
            said = {"status": status, "progress": progress}
            keys = [production.key for production in changed[:NAMED_KEYS]]
            data = {
                "count": len(changed),
                "keys": keys,
                **{name: value for name, value in said.items() if value is not None},
            }
            log.record("production.changed", subject=f"order:{order.pk}", data=data)
        elif skipped:
            raise NotAllowed(skipped[0].reason, "status" if status else "progress")
        return ProductionsChanged(order, len(changed), tuple(skipped))


def refuse_if_relayed(organization: Organization) -> None:
    if is_relayed(organization.pk):
        raise NotAllowed("Productions mirror the connected upstream: change them there.")


def _refuse_nonsense(status: str | None, progress: int | None) -> None:
    if status is None and progress is None:
        raise OrderError("Name a status or a progress to set.", "status")
    if status is not None and status not in Status.values:
        raise OrderError(f"status must be one of {', '.join(Status.values)}.", "status")
    if progress is not None and not 0 <= progress <= 100:
        raise OrderError("progress must be from 0 to 100.", "progress")


def _named(order: Order, ids: Sequence[UUID] | None) -> list[Production]:
    productions = Production.objects.filter(line_item__order=order).order_by("line_item__position", "number")
    if ids is None:
        return list(productions)
    found = list(productions.filter(pk__in=ids))
    if len(found) < len(set(ids)):
        raise Missing(f"Order {order.order_key} has no such production.")
    return found


def _moved(
    productions: Sequence[Production], status: str | None, progress: int | None
) -> tuple[list[Production], list[Skipped]]:
    changed, skipped = [], []
    for production in productions:
        before = (production.status, production.progress)
        reason = _move(production, status) or _advance(production, progress)
        if reason:
            skipped.append(Skipped(production.key, reason))
        elif before != (production.status, production.progress):
            changed.append(production)
    return changed, skipped


def _move(production: Production, status: str | None) -> str:
    """The reason why not, or nothing."""
    if status is None or status == production.status:
        return ""
    if status not in NEXT[production.status]:
        return f"{production.key} is {production.status} and can't become {status}."
    # What came from stock has no tasks done, so it starts at nothing.
    if status == Status.IN_PROGRESS and production.status != Status.STOPPED:
        production.progress = 0
    production.status = status
    production.progress = _PROGRESS_OF.get(Status(status), production.progress)
    return ""


def _advance(production: Production, progress: int | None) -> str:
    if progress is None or progress == production.progress:
        return ""
    if production.status != Status.IN_PROGRESS:
        return f"{production.key} is {production.status}: its progress can only be set while it is In progress."
    production.progress = progress
    if progress == 100:
        production.status = Status.DONE
    return ""
