"""The one template of an order's row: first paint, filter and live push all call it, fifty at a time.

A string format instead of a template file, because a list renders fifty rows of ten cells. Every value that was not
written here goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from dashboard.accounts.models import Role
from dashboard.console.templatetags.ui_atoms import DASH, badge, relative_text
from dashboard.registry import registry
from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.models import Order
from orders.order_rows import OrderRow
from orders.search_text import RELAYS, STAGES

STAGE_TONES: dict[str, str] = {
    Order.Stage.TO_DO: "neutral",
    Order.Stage.IN_PROGRESS: "progress",
    Order.Stage.STOPPED: "warning",
    Order.Stage.DONE: "success",
    Order.Stage.CANCELLED: "neutral",
}
_LOUD = {"Highest": "warning", "High": "info"}


@dataclass(frozen=True)
class Drawing:
    """What rows of one page have in common."""

    now: datetime
    selectable: bool
    departures: Mapping[int, datetime]
    orders_url: str

    @classmethod
    def of(cls, roles: frozenset[str], departures: Mapping[int, datetime]) -> Drawing:
        return cls(timezone.now(), may_select(roles), departures, reverse("orders"))


def may_select(roles: frozenset[str]) -> bool:
    granted = registry.permissions()
    return Role.OWNER in roles or bool(roles & (granted["orders.change"] | granted["deliveries.act"]))


@cache
def _badge(label: str, tone: str, *, dot: bool = True) -> str:
    """There are some dozens; a page shows over a hundred."""
    return str(badge(label, tone, dot=dot))


def order_row_html(row: OrderRow, drawing: Drawing) -> SafeString:
    key = escape(row.order_key)
    box = (
        f'<td class="cell-select"><input type="checkbox" name="selected" value="{row.pk}"'
        f' aria-label="Select order {key}" data-select></td>'
        if drawing.selectable
        else ""
    )
    cells = (
        f'<td class="cell-lead cell-nowrap"><a class="row-link" href="{drawing.orders_url}/{row.pk}">{key}</a></td>'
        f'<td class="cell-nowrap" data-label="External number">{escape(row.external_order_number)}</td>'
        f'<td class="cell-clip" data-label="Client">{escape(row.client_name) if row.client_name else DASH}</td>'
        f'<td class="cell-number" data-label="Items">{_amount(row)}</td>'
        f'<td class="cell-nowrap" data-label="Stage">{_stage(row)}</td>'
        f'<td class="cell-nowrap" data-label="Priority">{_priority(row.priority)}</td>'
        f'<td class="cell-nowrap" data-label="Deadline">{_deadline(row, drawing.now)}</td>'
        f'<td data-label="Relay">{relay_html(row, drawing)}</td>'
        f'<td class="cell-nowrap col-wide" data-label="Updated">{_ago(row.updated_at, drawing.now)}</td>'
    )
    return mark_safe(  # noqa: S308 - every value above was escaped, or is a number, an id or a constant
        f'<tr id="order-row-{row.pk}" data-live="order-row:{row.pk}">{box}{cells}</tr>'
    )


def relay_html(row: OrderRow, drawing: Drawing) -> str:
    delivery = row.delivery
    if delivery is None:
        return f'<span title="{RELAYS["none"]}">{DASH}</span>'
    state = delivery["state"]
    shown = _badge(RELAYS[state], relay_state.TONES[state])
    return f"{shown}{_relay_note(delivery, drawing)}"


def _relay_note(delivery: Mapping[str, object], drawing: Drawing) -> str:
    """Why, or when: the one thing that the badge leaves open."""
    if delivery["state"] in Delivery.NEEDS_ATTENTION and delivery["reason"]:
        reason = escape(str(delivery["reason"]))
        return f'<small class="relay-note" title="{reason}">{reason}</small>'
    leaves = drawing.departures.get(delivery["id"])  # type: ignore[call-overload]  # an integer, read from JSON
    if leaves is None or delivery["state"] not in Delivery.CLAIMABLE:
        return ""
    local = timezone.localtime(leaves)
    return f'<small>leaves <time datetime="{local.isoformat()}">{local:%H:%M:%S}</time></small>'


def _amount(row: OrderRow) -> str:
    items = "item" if row.item_count == 1 else "items"
    return f'<span class="num">{row.quantity:,}</span><small>{row.item_count:,} {items}</small>'


def _stage(row: OrderRow) -> str:
    shown = _badge(STAGES[row.stage], STAGE_TONES[row.stage])
    return f'{shown} <span class="num">{row.progress} %</span>' if 0 < row.progress < 100 else shown


def _priority(priority: str) -> str:
    return _badge(priority, _LOUD[priority], dot=False) if priority in _LOUD else escape(priority)


def _deadline(row: OrderRow, now: datetime) -> str:
    if row.deadline_at is None:
        return DASH
    local = timezone.localtime(row.deadline_at)
    day = _time(local, _day(local))
    return f"{day}<small>{_badge('Overdue', 'danger')}</small>" if row.is_overdue(now) else day


def _ago(moment: datetime, now: datetime) -> str:
    local = timezone.localtime(moment)
    return _time(local, relative_text((now - moment).total_seconds()) or _day(local), " data-relative")


def _time(local: datetime, text: str, extra: str = "") -> str:
    return f'<time datetime="{local.isoformat()}" title="{_day(local)}, {local:%H:%M:%S %Z}"{extra}>{text}</time>'


def _day(local: datetime) -> str:
    return f"{local.day} {local:%b %Y}"
