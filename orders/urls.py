"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from orders.views import bulk, export, imports, order_list, saved_views

urlpatterns = [
    path("orders", order_list.orders, name="orders"),
    path("orders/export.csv", export.order_export_csv, name="order-export-csv"),
    path("orders/export.xlsx", export.order_export_xlsx, name="order-export-xlsx"),
    path("orders/bulk", bulk.order_bulk, name="order-bulk"),
    path("orders/bulk/<uuid:pk>", bulk.order_bulk_job, name="order-bulk-job"),
    path("orders/bulk/<uuid:pk>/run", bulk.order_bulk_run, name="order-bulk-run"),
    path("orders/bulk/<uuid:pk>/abort", bulk.order_bulk_abort, name="order-bulk-abort"),
    path("orders/views", saved_views.order_view_save, name="order-view-save"),
    path("orders/views/<int:pk>", saved_views.order_view_change, name="order-view-change"),
    path("orders/views/<int:pk>/delete", saved_views.order_view_delete, name="order-view-delete"),
    path("orders/import", imports.order_import, name="order-import"),
    path("orders/import/<uuid:pk>", imports.order_import_job, name="order-import-job"),
    path("orders/import/<uuid:pk>/layout", imports.order_import_layout, name="order-import-layout"),
    path("orders/import/<uuid:pk>/check", imports.order_import_check, name="order-import-check"),
    path("orders/import/<uuid:pk>/run", imports.order_import_run, name="order-import-run"),
    path("orders/import/<uuid:pk>/cancel", imports.order_import_cancel, name="order-import-cancel"),
    path("orders/import/<uuid:pk>/rejected.csv", imports.order_import_rejected, name="order-import-rejected"),
]
