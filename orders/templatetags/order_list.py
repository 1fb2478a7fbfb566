"""Tags of the order list's pages."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString, mark_safe

from orders.order_rows import OrderRow
from orders.row_html import Drawing, order_row_html

register = template.Library()


@register.simple_tag
def order_rows(rows: Sequence[OrderRow], drawing: Drawing) -> SafeString:
    return mark_safe("".join(order_row_html(row, drawing) for row in rows))  # noqa: S308 - each escapes its values
