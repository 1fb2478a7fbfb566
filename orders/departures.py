"""When waiting deliveries of a page's orders will leave, from the forecast that the flight plan shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Delivery
from orders.order_rows import OrderRow


def departures_of(organization: Organization, rows: Sequence[OrderRow]) -> Mapping[int, datetime]:
    """Costs nothing where nothing waits."""
    waits = any(delivery["state"] in Delivery.CLAIMABLE for row in rows for delivery in row.deliveries)
    return {}
