"""What orders tell the floor about themselves: places, permissions, scopes, and what their events mean."""

from __future__ import annotations

from dashboard.registry import Domain, LiveGauge, Place
from orders import order_regions
from orders.counts import attention_count
from orders.demo import seed
from orders.finding import PORTFOLIO, search
from orders.hesh import HeshAdapter
from orders.importing.events import EVENT_KINDS as IMPORT_KINDS
from orders.importing.showing import render_import_job
from orders.live import GAUGES, REGIONS
from orders.panels import panels
from orders.resolving import resolve

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
    "order.exported": "Orders exported",
    "bulk_job.finished": "Command over many orders finished",
    **IMPORT_KINDS,
}
# What may change how many orders need attention.
BADGE_KINDS = (
    "order.updated",
    "order.cancelled",
    "production.changed",
    "production.reported",
    "delivery.refused",
    "delivery.unknown",
    "delivery.delivered",
    "delivery.given_up",
    "delivery.retried",
    "delivery.withdrawn",
    "delivery.unneeded",
    "delivery.absent",
)

ORDERS = Domain(
    name="orders",
    places=(
        Place("Orders", "orders", "clipboard-document-list", "orders.view", attention_count, BADGE_KINDS, order=10),
    ),
    permissions=PERMISSIONS,
    scopes=("orders:read", "orders:write"),
    event_kinds=EVENT_KINDS,
    adapters=(HeshAdapter(),),
    subject_types=("order", "client", "import", "bulk_job"),
    resolve=resolve,
    search=search,
    portfolio=PORTFOLIO,
    panels=panels,
    seed=seed,
    regions=(*REGIONS, *order_regions.REGIONS),
    gauges=(LiveGauge("import-job", "orders.import", render_import_job), *GAUGES, *order_regions.GAUGES),
)
