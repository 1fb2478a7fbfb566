"""A delivery's next state, saved together with what hangs on it and the one event that tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dashboard.events.recording import Log
from dashboard.registry import registry
from dashboard.upstream.adapters import Adapter, Answer
from dashboard.upstream.inquiries import MIRROR, OWN_SUBJECTS
from dashboard.upstream.models import Attempt, Delivery
from dashboard.upstream.outcomes import Judged, Step

_CHANGED = (
    *("state", "due_at", "failures", "asks", "reason", "reason_field", "unknown_since", "settled_at"),
    *("acknowledged_revision", "acknowledged", "remote_id"),
)


def adapter_of(delivery: Delivery) -> Adapter:
    return registry.adapter(delivery.connection.system)


def locked(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Subjects by pk first, then the deliveries by pk: the one lock order. All of one connection."""
    with_subject = [one for one in deliveries if one.subject_type not in OWN_SUBJECTS]
    if with_subject:
        adapter_of(with_subject[0]).lock_subjects(with_subject)
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("connection")
    return list(rows.filter(pk__in=[one.pk for one in deliveries]).order_by("pk"))


def move(
    log: Log, delivery: Delivery, *, attempt: Attempt, judged: Judged, step: Step, now: datetime, answer: Answer | None
) -> None:
    """`answer` is None when an inquiry, and not the attempt's own answer, settles it."""
    apply_step(delivery, step, now)
    delivery.reason_field = judged.reason_field[:120] if step.state == Delivery.State.REFUSED else ""
    if step.state == Delivery.State.UNKNOWN:
        delivery.unknown_since = attempt.deadline_at
    if judged.outcome == Attempt.Outcome.DELIVERED:
        delivery.acknowledged_revision = max(delivery.acknowledged_revision, attempt.revision)
        delivery.acknowledged = attempt.claims if judged.claims is None else judged.claims
        delivery.remote_id = judged.remote_id[:120] or delivery.remote_id
    delivery.save(update_fields=_CHANGED)
    if delivery.subject_type in OWN_SUBJECTS:
        return
    adapter_of(delivery).settled(delivery, attempt, answer)
    if judged.outcome != Attempt.Outcome.NOT_SENT:
        report(log, [delivery], kind_of(judged, step), attempt=attempt)


def apply_step(delivery: Delivery, step: Step, now: datetime) -> None:
    delivery.state = step.state
    delivery.due_at = step.due_at
    delivery.failures = step.failures
    delivery.asks = step.asks
    delivery.reason = step.reason[:500]
    delivery.unknown_since = None
    delivery.settled_at = None if step.state in Delivery.OPEN else now


def kind_of(judged: Judged, step: Step) -> str:
    if step.state == Delivery.State.GIVEN_UP:
        return "delivery.given_up"
    return f"delivery.{judged.outcome}"


def report(
    log: Log, deliveries: Sequence[Delivery], kind: str, *, attempt: Attempt | None = None, **data: object
) -> None:
    """One event per delivery, about the subject that people know it by.

    Reasons may quote an answer, so they are erasable.
    """
    deliveries = [one for one in deliveries if one.subject_type != MIRROR]
    subjects = adapter_of(deliveries[0]).subject_refs(deliveries) if deliveries else {}
    for one in deliveries:
        said: dict[str, object] = {"delivery": one.pk, "connection": str(one.connection_id), "state": one.state, **data}
        if attempt is not None:
            said |= {"attempt": attempt.pk, "operation": attempt.operation, "status": attempt.status}
        log.record(kind, subject=subjects[one.pk], data=said, body={"reason": one.reason} if one.reason else None)
