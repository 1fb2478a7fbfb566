"""Django admin's changelist over the same table with the same columns, stock and tuned. Wired only inside the bench.

It is treated kindly: what the extra columns need is read in two queries per page instead of two per row, and its search
leaves line items out, whose joins would make it slower still.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone

from dashboard.upstream.models import Delivery
from dashboard.urls import urlpatterns as product
from orders import relay_state
from orders.models import LineItem, Order

SEARCHED = ("order_key", "external_order_id", "external_order_number", "comment", "client__name")
ASSUMED_COUNT = 10_000_000


class WithColumns(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        ids = [row.pk for row in rows]
        counted = LineItem.objects.filter(order__in=ids).values_list("order").annotate(Count("pk"))
        items = dict(counted.order_by())
        deliveries: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        owed = Delivery.objects.filter(lane__in=ids, subject_type__in=relay_state.SUBJECTS)
        for delivery in owed.values("lane", "state", "reason"):
            deliveries[delivery["lane"]].append(delivery)
        for row in rows:
            row.item_count = items.get(row.pk, 0)
            row.worst = relay_state.worst(deliveries[row.pk])
        self.result_list = rows


class StockOrders(ModelAdmin):
    list_display = (
        "order_key",
        "external_order_number",
        "client",
        "pieces",
        "stage",
        "progress",
        "priority",
        "deadline_at",
        "overdue",
        "relay",
        "updated_at",
    )
    list_per_page = 50
    list_select_related = ("client",)
    list_filter = ("stage", "priority")
    search_fields = SEARCHED
    ordering = ("-number",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).filter(organization=request.member.organization)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WithColumns

    def pieces(self, order: Any) -> str:
        return f"{order.quantity:,} in {order.item_count} items"

    def overdue(self, order: Order) -> bool:
        late = order.deadline_at is not None and order.deadline_at < timezone.now()
        return late and order.stage not in {"done", "cancelled"}

    def relay(self, order: Any) -> str:
        return f"{order.worst['state']} {order.worst['reason']}" if order.worst else ""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return True

    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True


class ConstantCount(Paginator):
    count = ASSUMED_COUNT  # type: ignore[assignment]  # a cached property there


class TunedOrders(StockOrders):
    show_full_result_count = False
    paginator = ConstantCount


class OpenSite(AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return True


stock, tuned = OpenSite("stock"), OpenSite("tuned")
stock.register(Order, StockOrders)
tuned.register(Order, TunedOrders)
urlpatterns = [path("stock/", stock.urls), path("tuned/", tuned.urls), *product]
handler404 = "dashboard.console.errors.not_found"
