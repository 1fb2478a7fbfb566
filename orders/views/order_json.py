"""`/orders/<uuid>/json`: the order exactly as the Public API answers it, for whoever compares the two."""

from __future__ import annotations

from uuid import UUID

import orjson
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.accounts.access import MemberRequest, requires
from orders.access import get_order
from orders.api.shapes import whole_order


@require_safe
@requires("orders.view")
def order_json(request: MemberRequest, pk: UUID) -> HttpResponse:
    order = get_order(request.member, pk)
    context = {
        "order": order,
        "value": orjson.dumps(whole_order(order), option=orjson.OPT_INDENT_2).decode(),
        "path": f"GET /api/v1/public/orders/{order.external_order_id}",
        "tab": "json",
    }
    return render(request, "orders/order_json.html", context)
