"""The ledger of sends as lines of JSON: anyone can recompute every window from it, without trusting our counting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Attempt


def limit_certificate(organization: Organization) -> Iterator[str]:
    """One line per attempt, in the order of sending. What never left the process counts too: its slot was taken."""
    attempts = Attempt.objects.filter(organization=organization).order_by("pk").select_related("budget")
    columns = attempts.values_list("connection_id", "pk", "claimed_at", "answered_at", "status", "budget__windows")
    for connection, attempt, sent_at, answered_at, status, windows in columns.iterator(chunk_size=2000):
        line = {
            "connection": str(connection),
            "attempt": attempt,
            "sent_at": _iso(sent_at),
            "answered_at": _iso(answered_at) if answered_at else None,
            "status": status,
            "windows": windows,
        }
        yield json.dumps(line, separators=(",", ":"))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
