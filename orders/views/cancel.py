"""`/orders/<uuid>/cancel`: first what it will do, then doing it. The page is the dialog where scripts run."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dashboard.accounts.access import MemberRequest, requires
from dashboard.events.recording import Actor
from dashboard.upstream.models import Delivery
from orders.access import get_order
from orders.errors import OrderError
from orders.models import Order, Production
from orders.services.ordering import cancel_order
from orders.services.relaying import ORDER, is_relayed


@require_http_methods(["GET", "HEAD", "POST"])
@requires("orders.change")
def order_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    order = get_order(request.member, pk)
    if request.method == "POST":
        try:
            cancelled = cancel_order(
                organization=request.member.organization, actor=Actor.of_request(request), order_id=order.pk
            )
        except OrderError as error:
            messages.error(request, error.message)
        else:
            said = "was cancelled" if cancelled.changed else "had been cancelled already"
            messages.success(request, f"Order {order.order_key} {said}.")
        return redirect("order", pk=order.pk)
    return render(request, "orders/order_cancel.html", {"order": order, **what_it_will_do(order)})


def what_it_will_do(order: Order) -> dict[str, object]:
    counts = dict(
        Production.objects.filter(line_item__order=order).values_list("status").annotate(n=Count("pk")).order_by()
    )
    done, gone = counts.get("Done", 0), counts.get("Canceled", 0)
    delivery = Delivery.objects.filter(organization=order.organization, subject_type=ORDER, subject_id=order.pk).first()
    return {
        "to_cancel": sum(counts.values()) - done - gone,
        "started": sum(n for status, n in counts.items() if status in ("In progress", "Stopped")),
        "done": done,
        "blocked": order.stage == Order.Stage.DONE,
        "relayed": is_relayed(order.organization_id),
        # An order that never left is withdrawn: the upstream need not hear of it at all.
        "never_left": bool(delivery and not delivery.acknowledged and not delivery.attempts.exists()),
    }
