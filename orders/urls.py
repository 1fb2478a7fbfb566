"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from orders.views import imports

urlpatterns = [
    path("orders/import", imports.order_import, name="order-import"),
    path("orders/import/<uuid:pk>", imports.order_import_job, name="order-import-job"),
    path("orders/import/<uuid:pk>/layout", imports.order_import_layout, name="order-import-layout"),
    path("orders/import/<uuid:pk>/check", imports.order_import_check, name="order-import-check"),
    path("orders/import/<uuid:pk>/run", imports.order_import_run, name="order-import-run"),
    path("orders/import/<uuid:pk>/cancel", imports.order_import_cancel, name="order-import-cancel"),
    path("orders/import/<uuid:pk>/rejected.csv", imports.order_import_rejected, name="order-import-rejected"),
]
