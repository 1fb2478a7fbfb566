"""Shows a person whether a connection works, by a real read that takes its slot like every other call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, recording
from dashboard.upstream.claim import claim
from dashboard.upstream.clock import database_now
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.inquiries import TEST
from dashboard.upstream.models import Attempt, Budget, Connection, Delivery
from dashboard.upstream.owing import Owed, owe_on
from dashboard.upstream.recorder import recorder


@dataclass(frozen=True)
class ConnectionTest:
    works: bool
    detail: str  # one sentence for people
    attempt_id: int | None = None
    seconds: float | None = None


def test_connection(*, organization: Organization, actor: Actor, connection_id: UUID) -> ConnectionTest:
    """Works on paused connections too: that is how one sees whether resuming makes sense. Waits for the answer."""
    found = (
        Connection.objects.select_related("organization").filter(organization=organization, pk=connection_id).first()
    )
    if found is None:
        raise UpstreamError(f"{organization.name} has no connection {connection_id}.")
    with recording(organization, actor) as log:
        revision = int(database_now().timestamp() * 1000)
        owed = Owed(found.pk, lane=found.pk, revision=revision)
        owe_on(log, found, subject_type=TEST, owed=[owed], urgent=True)
        log.record("connection.tested", subject=f"connection:{found.pk}")
    delivery = Delivery.objects.get(connection=found, subject_type=TEST)
    Delivery.objects.filter(pk=delivery.pk, state__in=Delivery.CLAIMABLE).update(due_at=delivery.queued_at)
    send = recorder().send
    for departure in claim(found.budget_id, draining=False, only=delivery.pk).departures:
        send(departure)
    return _result(found, delivery.pk)


def _result(connection: Connection, delivery_id: int) -> ConnectionTest:
    """Another process may have claimed it meanwhile; whoever did writes the outcome down."""
    attempt = Attempt.objects.filter(delivery=delivery_id).order_by("-pk").first()
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.state in Delivery.CLAIMABLE:
        return ConnectionTest(works=False, detail=_not_now(connection))
    if attempt is None:
        return ConnectionTest(works=False, detail=delivery.reason or "This upstream offers nothing to read.")
    until = time.monotonic() + connection.timeout_seconds + 2.0
    while not attempt.outcome and time.monotonic() < until:
        time.sleep(0.02)
        attempt.refresh_from_db()
    seconds = (attempt.answered_at - attempt.claimed_at).total_seconds() if attempt.answered_at else None
    if attempt.outcome == Attempt.Outcome.DELIVERED:
        return ConnectionTest(works=True, detail="The upstream answered.", attempt_id=attempt.pk, seconds=seconds)
    detail = attempt.detail or "No answer yet."
    return ConnectionTest(works=False, detail=detail, attempt_id=attempt.pk, seconds=seconds)


def _not_now(connection: Connection) -> str:
    budget = Budget.objects.get(pk=connection.budget_id)
    until: datetime | None = max((at for at in (budget.blocked_until, budget.next_at) if at), default=None)
    when = f" Try again after {until:%H:%M:%S} UTC." if until else ""
    return f"The rate limits leave no call for a test right now.{when}"
