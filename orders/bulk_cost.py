"""What a command costs at the upstream: how many calls, and when the last of them would leave."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from dashboard.console.templatetags.ui_atoms import span_text
from dashboard.upstream.forecast import forecast
from dashboard.upstream.models import Connection, Delivery
from orders import relay_state
from orders.bulk_actions import BulkAction
from orders.bulk_jobs import reason_left_out, selected
from orders.models import BulkJob, LineItem
from orders.services.relaying import SYSTEM


@dataclass(frozen=True)
class Cost:
    connected: bool
    calls: int = 0
    saved: int = 0  # changes that travel with a call that waits anyway
    waiting: int = 0  # calls that wait already
    seconds: float = 0.0  # until all of that has left, at the earliest
    paused: bool = False

    @property
    def note(self) -> str:
        return f"{self.saved:,} travel with a call that waits anyway" if self.saved else "one at a time, in turn"

    @property
    def ends(self) -> str:
        if not self.calls:
            return "unchanged"
        return f"in {span_text(self.seconds)}" if self.seconds else "at once"

    @property
    def ends_note(self) -> str:
        if not self.calls:
            return "it takes no call"
        if self.paused:
            return "once the connection is resumed"
        return f"at the earliest; {self.waiting:,} calls wait already" if self.waiting else "at the earliest"


def cost_of(job: BulkJob, action: BulkAction, changes: int) -> Cost:
    upstream = Connection.objects.filter(organization=job.organization_id, system=SYSTEM).first()
    if upstream is None:
        return Cost(connected=False)
    expected = forecast(upstream)
    calls, saved = _calls(job, action, changes)
    windows = [(gauge.limit, gauge.seconds, gauge.used) for gauge in expected.windows]
    seconds = least_seconds(windows, expected.waiting + calls) if calls else 0.0
    return Cost(True, calls, saved, expected.waiting, seconds, expected.paused)


def least_seconds(windows: list[tuple[int, float, int]], calls: int) -> float:
    """The least that these windows (limit, seconds, used now) allow: each window that is full costs its length."""
    return max((((used + calls - 1) // limit) * length for limit, length, used in windows), default=0.0)


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
