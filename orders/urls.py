"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from orders.views import (
    bulk,
    cancel,
    export,
    imports,
    order_forms,
    order_json,
    order_list,
    order_page,
    productions,
    saved_views,
)

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
    path("orders/new", order_forms.order_create, name="order-create"),
    path("orders/<uuid:pk>", order_page.order, name="order"),
    path("orders/<uuid:pk>/edit", order_forms.order_edit, name="order-edit"),
    path("orders/<uuid:pk>/cancel", cancel.order_cancel, name="order-cancel"),
    path("orders/<uuid:pk>/json", order_json.order_json, name="order-json"),
    path("orders/<uuid:pk>/note", order_page.order_note, name="order-note"),
    path("orders/<uuid:pk>/assign", order_page.order_assign, name="order-assign"),
    path("orders/<uuid:pk>/delivery", order_page.order_delivery, name="order-delivery"),
    path("orders/<uuid:pk>/items/<uuid:item_pk>/tags", order_page.order_tags, name="order-tags"),
    path("orders/<uuid:pk>/items/<uuid:item_pk>/attachments", order_page.order_attachments, name="order-attachments"),
    path("orders/<uuid:pk>/productions", productions.order_productions, name="order-productions"),
    path("orders/<uuid:pk>/productions/change", productions.change_order_productions, name="order-productions-change"),
]
