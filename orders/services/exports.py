"""Writes down that orders left as a file: who, by which filter, in which format."""

from __future__ import annotations

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, recording


def record_export(*, organization: Organization, actor: Actor, query: str, format_name: str) -> None:
    """The filter may name people, so it belongs to what can be erased."""
    with recording(organization, actor) as log:
        log.record(
            "order.exported",
            subject=f"organization:{organization.pk}",
            data={"format": format_name},
            body={"query": query[:2000]},
        )
