"""Small things that the pages of one order need from a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from dashboard.console.templatetags.ui_atoms import badge
from orders import relay_state
from orders.models import Order
from orders.order_rows import OrderRow
from orders.row_html import STAGE_TONES
from orders.search_text import RELAYS, STAGES

register = template.Library()

# What an event's kind ends with decides the colour of its dot.
EVENT_TONES = {
    "created": "success",
    "delivered": "success",
    "finished": "success",
    "refused": "danger",
    "given_up": "danger",
    "cancelled": "danger",
    "failed": "danger",
    "unknown": "warning",
    "retrying": "warning",
    "paused": "warning",
    "updated": "info",
    "retried": "progress",
    "asked": "progress",
}


@register.filter
def entry(values: Mapping[str, Any] | None, key: str) -> Any:
    return (values or {}).get(key, "")


@register.filter
def event_tone(kind: str) -> str:
    return EVENT_TONES.get(kind.rpartition(".")[2], "neutral")


@register.filter
def changes(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`{"comment": [old, new]}` as people read it."""
    return [(name, _change(value)) for name, value in body.items()]


def _change(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        old, new = (_shown(part) for part in value)
        return f"{old} → {new}"
    return ", ".join(map(str, value)) if isinstance(value, list) else _shown(value)


def _shown(value: Any) -> str:
    return "nothing" if value is None or value == "" else str(value)


@register.simple_tag
def stage_badge(order: Order) -> SafeString:
    return badge(STAGES[order.stage], STAGE_TONES[Order.Stage(order.stage)])


@register.simple_tag
def relay_badge(row: OrderRow) -> SafeString:
    """The worst of what the upstream is owed about the order; nothing where none is connected."""
    delivery = row.delivery
    return badge(RELAYS[delivery["state"]], relay_state.TONES[delivery["state"]]) if delivery else SafeString("")
