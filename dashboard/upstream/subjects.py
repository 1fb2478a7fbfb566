"""What deliveries are about, as links: the adapter names the subject, the registry knows its page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from dashboard.accounts.models import Organization
from dashboard.registry import Subject, registry
from dashboard.upstream.models import Delivery


def subjects_of(organization: Organization, deliveries: Iterable[Delivery]) -> dict[int, Subject]:
    """By delivery; each subject is looked up once."""
    by_system: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_system[delivery.connection.system].append(delivery)
    refs: dict[int, str] = {}
    for system, group in by_system.items():
        refs |= registry.adapter(system).subject_refs(group)
    found = {ref: registry.resolve(organization, ref) for ref in set(refs.values())}
    return {pk: subject for pk, ref in refs.items() if (subject := found[ref]) is not None}
