"""What a command costs at the upstream: how many calls, and when the last of them would leave."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from dashboard.upstream.models import Connection, Delivery
from orders import relay_state
from orders.bulk_actions import BulkAction
from orders.bulk_jobs import reason_left_out, selected
from orders.models import BulkJob, LineItem
from orders.services.relaying import SYSTEM


@dataclass(frozen=True)
class Cost:
    calls: int
    saved: int  # changes that travel with a call that waits anyway
    minutes: float  # until everything that waits then has left
    connected: bool


def cost_of(job: BulkJob, action: BulkAction, changes: int) -> Cost:
    upstream = (
        Connection.objects.filter(organization=job.organization_id, system=SYSTEM).select_related("budget").first()
    )
    if upstream is None:
        return Cost(0, 0, 0.0, connected=False)
    calls, saved = _calls(job, action, changes)
    waiting = Delivery.objects.filter(connection__budget=upstream.budget_id, state__in=Delivery.CLAIMABLE)[
        :100_000
    ].count()
    return Cost(calls, saved, least_minutes(upstream.budget.windows, waiting + calls) if calls else 0.0, connected=True)


def _calls(job: BulkJob, action: BulkAction, changes: int) -> tuple[int, int]:
    if action.costs == "nothing" or not changes:
        return 0, 0
    if action.costs == "one":
        return 1, 0
    chosen = selected(job).annotate(why=reason_left_out(job, action)).filter(why="").values("pk")
    if action.costs == "failed":
        return relay_state.deliveries_in(job.organization, Delivery.NEEDS_ATTENTION).filter(lane__in=chosen).count(), 0
    if action.costs == "line_item":
        lacking = LineItem.objects.filter(order__in=chosen).filter(~Q(tags__contains=[job.arguments["tag"]]))
        return lacking.count(), 0
    # Five edits of an order that waits are one call.
    open_orders = relay_state.deliveries_in(job.organization, relay_state.WAITING).filter(
        subject_type="order", lane__in=chosen
    )
    saved = open_orders.count()
    return changes - saved, saved


def least_minutes(windows: list[list[float]], calls: int) -> float:
    """The least that these windows allow from a standing start: each full round of a window costs its length."""
    seconds = [((calls - 1) // limit) * length for limit, length in windows]
    return max(seconds, default=0) / 60
