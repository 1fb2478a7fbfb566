"""When waiting deliveries of a page's orders will leave, from the forecast that the flight plan shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dashboard.accounts.models import Organization
from dashboard.upstream.forecast import forecast
from dashboard.upstream.models import Connection, Delivery
from orders.order_rows import OrderRow
from orders.services.relaying import SYSTEM


def departures_of(organization: Organization, rows: Sequence[OrderRow]) -> Mapping[int, datetime]:
    """Costs nothing where nothing waits."""
    waits = any(delivery["state"] in Delivery.CLAIMABLE for row in rows for delivery in row.deliveries)
    if not waits:
        return {}
    upstream = Connection.objects.filter(organization=organization, system=SYSTEM).first()
    return forecast(upstream).departures if upstream else {}
