"""What orders tell the floor about themselves: places, permissions, scopes, and what their events mean."""

from __future__ import annotations

from dashboard.registry import Domain, LiveGauge, Place
from orders.importing.events import EVENT_KINDS as IMPORT_KINDS
from orders.importing.showing import render_import_job

VIEWERS = frozenset({"success_manager", "team_lead", "support"})
EXPORTERS = frozenset({"success_manager", "support"})
CHANGERS = frozenset({"success_manager"})

PERMISSIONS = {
    "orders.view": VIEWERS,
    "orders.change": CHANGERS,
    "orders.import": CHANGERS,
    "orders.export": EXPORTERS,
    "productions.change": CHANGERS,
}

EVENT_KINDS = {
    "order.created": "Order created",
    "order.updated": "Order changed",
    "order.cancelled": "Order cancelled",
    "order.tags_added": "Tags added",
    "order.tags_replaced": "Tags replaced",
    "order.attachment_added": "Attachment added",
    "order.noted": "Note written",
    "order.assigned": "Assigned to somebody",
    "order.unassigned": "Assigned to nobody",
    "production.changed": "Productions changed",
    "production.reported": "Productions reported by the upstream",
    "client.created": "Clients created",
    "client.updated": "Clients changed",
    **IMPORT_KINDS,
}

ORDERS = Domain(
    name="orders",
    places=(Place("Orders", "orders", "clipboard-document-list", "orders.view", order=10),),
    permissions=PERMISSIONS,
    scopes=("orders:read", "orders:write"),
    event_kinds=EVENT_KINDS,
    subject_types=("order", "client", "import"),
    gauges=(LiveGauge("import-job", "orders.import", render_import_job),),
)
