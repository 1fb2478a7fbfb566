"""What open order lists get pushed: rows, cases that need attention, counters, and a command's progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone

from dashboard.accounts.models import Organization, Role
from dashboard.registry import LiveGauge, LiveRegion, registry
from orders.attention import cases_of
from orders.attention_html import attention_row_html, settled_row_html
from orders.bulk_catalog import ACTIONS
from orders.bulk_jobs import total_of
from orders.counts import view_counts
from orders.departures import departures_of
from orders.list_page import count_html
from orders.models import BulkJob, Order
from orders.order_rows import OrderRow, with_row_facts
from orders.row_html import Drawing, may_select, order_row_html


def render_order_rows(organization: Organization, ids: Iterable[str], roles: frozenset[str]) -> Mapping[str, str]:
    rows = _rows(organization, ids)
    drawing = Drawing.of(roles, departures_of(organization, rows))
    return {str(row.pk): order_row_html(row, drawing) for row in rows}


def render_attention_rows(organization: Organization, ids: Iterable[str], roles: frozenset[str]) -> Mapping[str, str]:
    """A case that is settled says so where it stood; the list takes it away when it is read anew."""
    rows = _rows(organization, ids)
    cases = {case.row.pk: case for case in cases_of(rows)}
    offered = [action for action in ACTIONS if _may(roles, action.permission)]
    columns = 7 if may_select(roles) else 6
    return {
        str(row.pk): attention_row_html(cases[row.pk], offered, roles, timezone.now())
        if row.pk in cases
        else settled_row_html(row.pk, row.order_key, columns)
        for row in rows
    }


def render_count(organization: Organization, key: str, _roles: frozenset[str]) -> str:
    """ValueError, which the hub knows, for a counter that no page of ours names."""
    counts = view_counts(organization)
    if key not in counts:
        raise ValueError(f"There is no view {key} to count.")
    return count_html(key, counts[key])


def render_bulk_job(organization: Organization, key: str, _roles: frozenset[str]) -> str:
    job = BulkJob.objects.defer("order_ids").get(organization=organization, pk=UUID(key))
    return render_to_string("orders/bulk/progress.html", {"job": job, "total": total_of(job)})


def _rows(organization: Organization, ids: Iterable[str]) -> list[OrderRow]:
    wanted = [UUID(each) for each in ids if _is_uuid(each)]
    return list(with_row_facts(Order.objects.filter(organization=organization, pk__in=wanted)))


def _is_uuid(text: str) -> bool:
    """The page named the ids, so they may be anything."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _may(roles: frozenset[str], permission: str) -> bool:
    return Role.OWNER in roles or bool(registry.permissions()[permission] & roles)


REGIONS = (
    LiveRegion("order-row", ("order",), "orders.view", render_order_rows),
    LiveRegion("attention-row", ("order",), "orders.view", render_attention_rows),
)
GAUGES = (
    LiveGauge("order-count", "orders.view", render_count),
    LiveGauge("bulk-job", "orders.view", render_bulk_job),
)
