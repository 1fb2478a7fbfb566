"""Tags of the order list's pages."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from orders.order_rows import OrderRow
from orders.row_html import Drawing, order_row_html

register = template.Library()


@register.simple_tag
def order_row(row: OrderRow, drawing: Drawing) -> SafeString:
    return order_row_html(row, drawing)
