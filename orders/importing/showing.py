"""What the page of an import shows, whole or as the fragment that moves while the import runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from dashboard.accounts.models import Organization
from dashboard.upstream.forecast import forecast
from dashboard.upstream.models import Delivery
from orders.departures import departures_of
from orders.importing.jobs import UNDER_WAY, earlier_import
from orders.importing.rejects import rejects_path
from orders.models import ImportJob, Order
from orders.order_detail import hesh_connection
from orders.order_rows import OrderRow, with_row_facts
from orders.row_html import Drawing, relay_html

RESULTS = (
    ("created", "Created", "New", "success"),
    ("updated", "Updated", "To update", "info"),
    ("unchanged", "Unchanged", "Unchanged", "neutral"),
    ("rejected", "Rejected", "Rejected", "danger"),
)
STEPS = ("File", "Columns", "Check", "Import")
TONES = {"done": "success", "failed": "danger", "cancelled": "neutral", "checked": "info"}


def import_context(job: ImportJob) -> dict[str, Any]:
    done = job.state == ImportJob.State.DONE
    counts = [
        {"label": past if job.state in ("running", "done") else ahead, "count": job.counts.get(key, 0), "tone": tone}
        for key, past, ahead, tone in RESULTS
    ]
    rejected_orders = job.counts.get("rejected", 0)
    to_write = job.counts.get("created", 0) + job.counts.get("updated", 0)
    orders = _first_orders(job) if done else []
    return {
        "job": job,
        "counts": counts,
        "steps": STEPS,
        "step": {"uploaded": 2, "checking": 3, "checked": 3, "failed": 3, "running": 4, "done": 5}.get(job.state, 4),
        "tone": TONES.get(job.state, "progress"),
        "under_way": job.state in UNDER_WAY,
        "to_write": to_write,
        "nothing_to_do": not to_write and not rejected_orders,
        "rejected_orders": rejected_orders,
        "has_rejects_file": bool(job.rejected_bytes) and rejects_path(Path(job.file.path)).exists(),
        "more_rejected": len(job.rejected) > 200,
        "earlier": earlier_import(job),
        "orders": orders,
        "ends_at": _ends_at(job) if done else None,
        # Once all that it shows is settled there is nothing left to move.
        "moves": job.state in UNDER_WAY or any(_is_open(row) for row, _ in orders),
    }


def _ends_at(job: ImportJob) -> datetime | None:
    """When the last of everything that waits now leaves, other people's orders included."""
    upstream = hesh_connection(job.organization)
    return forecast(upstream).ends_at if upstream else None


def _is_open(row: OrderRow) -> bool:
    return row.delivery is not None and row.delivery["state"] in Delivery.OPEN


def render_import_job(organization: Organization, key: str, roles: frozenset[str]) -> str:
    """The gauge `import-job`; an unknown or foreign key renders nothing."""
    del roles  # everyone who may see an import sees the same of it
    try:
        job = ImportJob.objects.filter(organization=organization, pk=UUID(key)).first()
    except ValueError:
        return ""
    return render_to_string("orders/import_progress.html", import_context(job)) if job else ""


def _first_orders(job: ImportJob) -> list[tuple[OrderRow, str]]:
    """The first that it wrote, each with where it stands at the upstream: when it leaves, to begin with."""
    rows = list(with_row_facts(Order.objects.filter(organization=job.organization, pk__in=job.first_orders)))
    found = {row.pk: row for row in rows}
    drawing = Drawing(timezone.now(), False, departures_of(job.organization, rows), reverse("orders"))
    return [(row, mark_safe(relay_html(row, drawing))) for pk in job.first_orders if (row := found.get(pk))]  # noqa: S308 - drawn by the list
