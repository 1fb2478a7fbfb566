"""The flight plan of one connection: the windows as the dispatcher sees them, and when everything that waits leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection as database
from django.db.models import Count
from django.template.loader import render_to_string

from dashboard.accounts.models import Organization
from dashboard.registry import LiveGauge, Subject
from dashboard.upstream.clock import NOW
from dashboard.upstream.forecast import SIMULATED, Forecast, forecast, play
from dashboard.upstream.forecast_reads import Waiting, read_situation
from dashboard.upstream.models import Connection, Delivery
from dashboard.upstream.queries import visible_deliveries
from dashboard.upstream.subjects import subjects_of

SHOWN = 50
WINDOW_NAMES = {1.0: "Per second", 60.0: "Per minute", 3600.0: "Per hour"}
_PER_MINUTE = f"""
SELECT ago, count(attempt.id) FROM generate_series(0, 59) AS ago
LEFT JOIN upstream_attempt AS attempt ON attempt.budget_id = %(budget)s
    AND attempt.holds_from > {NOW} - interval '61 minutes' AND attempt.outcome <> 'not_sent'
    AND floor(extract(epoch FROM {NOW} - attempt.claimed_at) / 60) = ago
GROUP BY ago ORDER BY ago DESC
"""  # noqa: S608 - our own constant


@dataclass(frozen=True)
class Flight:
    delivery: Delivery
    subject: Subject | None
    leaves_at: datetime


def flight_context(connection: Connection) -> dict[str, Any]:
    context = windows_context(connection)
    return context | {
        "flights": next_flights(connection, context["plan"]),
        "kinds": waiting_by_kind(connection),
        "calls": calls_per_minute(connection),
    }


def windows_context(connection: Connection) -> dict[str, Any]:
    plan = forecast(connection)
    return {
        "connection": connection,
        "plan": plan,
        "windows": [
            {
                "name": WINDOW_NAMES.get(window.seconds, f"Per {window.seconds:g} s"),
                "window": window,
                # Of a second-long window nobody can read when it is free again.
                "resets_at": plan.at + timedelta(seconds=window.resets_in) if window.resets_in > 1 else None,
            }
            for window in plan.windows
        ],
    }


def next_flights(connection: Connection, plan: Forecast) -> list[Flight]:
    """The first to leave, each with the time at which it does; those that leave together stay in the queue's order."""
    first = sorted(plan.departures.items(), key=lambda pair: pair[1])[:SHOWN]
    rows = visible_deliveries(connection.organization).filter(pk__in=[pk for pk, _ in first])
    found = {row.pk: row for row in rows.select_related("connection")}
    subjects = subjects_of(connection.organization, found.values())
    return [Flight(found[pk], subjects.get(pk), at) for pk, at in first if pk in found]


def waiting_by_kind(connection: Connection) -> Sequence[tuple[str, int]]:
    rows = visible_deliveries(connection.organization).filter(connection=connection, state__in=Delivery.CLAIMABLE)
    return list(rows.values_list("subject_type").annotate(count=Count("pk")).order_by("subject_type"))


def calls_per_minute(connection: Connection) -> list[tuple[str, int]]:
    """The last hour, oldest first, of everyone who shares the budget."""
    with database.cursor() as cursor:
        cursor.execute(_PER_MINUTE, {"budget": connection.budget_id})
        return [("now" if ago == 0 else f"{ago} min ago", count) for ago, count in cursor.fetchall()]


def ends_with_more(connection: Connection, more: int) -> datetime:
    """When the last call would leave if this many more orders were owed now; nothing is written."""
    situation = read_situation(connection.budget, first=SIMULATED)
    queue = situation.queue_of(connection.pk)
    extra = [Waiting(-n, connection.pk, uuid4(), 0, urgent=False, due_at=0.0) for n in range(1, more + 1)]
    longer = replace(queue, bulk=queue.bulk + more, first=[*queue.first, *extra])
    departures = play(replace(situation, queues={**situation.queues, connection.pk: longer}))
    return datetime.fromtimestamp(max(departures[one.delivery_id] for one in extra), UTC)


def render_flight(organization: Organization, key: str, roles: frozenset[str]) -> str:
    """The gauge `flight`; an unknown or foreign key renders nothing."""
    del roles  # everyone who may see the plan sees the same of it
    connection = _connection(organization, key)
    return render_to_string("upstream/flight.html", flight_context(connection)) if connection else ""


def render_summary(organization: Organization, key: str, roles: frozenset[str]) -> str:
    """The gauge `flight-summary`: the windows and the end of what waits, for pages that are about something else."""
    del roles
    connection = _connection(organization, key)
    return render_to_string("upstream/flight_summary.html", windows_context(connection)) if connection else ""


def _connection(organization: Organization, key: str) -> Connection | None:
    rows = Connection.objects.select_related("budget", "organization").filter(organization=organization)
    try:
        return rows.filter(pk=UUID(key)).first()
    except ValueError:
        return None


GAUGES = (
    LiveGauge("flight", "deliveries.view", render_flight),
    LiveGauge("flight-summary", "deliveries.view", render_summary),
)
