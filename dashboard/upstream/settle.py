"""One transaction per answer: the attempt's outcome, the delivery's new state, what hangs on it, and one event.

Lock order: subjects by pk, the delivery, the budget, the chain head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from dashboard.events.recording import SYSTEM, Log, recording
from dashboard.upstream.adapters import Answer, CannotSend, NothingOwed
from dashboard.upstream.building import next_step as next_call
from dashboard.upstream.clock import NOW, database_now
from dashboard.upstream.inquiries import INQUIRY, OWN_SUBJECTS
from dashboard.upstream.models import Attempt, Connection, Delivery, Exchange
from dashboard.upstream.moving import apply_step, locked, move, report
from dashboard.upstream.outcomes import KEY_REFUSED, Judged, Step, judge, next_step
from dashboard.upstream.sealing import SealBroken, unseal
from dashboard.upstream.signs import note_signs
from dashboard.upstream.unknown import after_inquiry, ask, settle_unknowns
from dashboard.upstream.wake import bringing_forward, waking

_NO_READ = "No answer came, and this upstream can't be asked: look there, then send it again or give it up."


def settle(*, attempt_id: int, answer: Answer) -> bool:
    """Writes down what came back. False when it was settled already: the sweep and a late answer are rivals."""
    related = ("connection", "budget", "organization", "delivery__connection")
    attempt = Attempt.objects.select_related(*related).get(pk=attempt_id)
    if attempt.outcome:
        return False
    judged = judge(attempt, answer)
    if judged.parsed is not None and attempt.delivery.subject_type == INQUIRY:
        settle_unknowns(attempt, judged.parsed)
    with recording(attempt.organization, SYSTEM) as log:
        (delivery,) = locked([attempt.delivery])
        now = database_now()
        if not _close(attempt, judged, answer, now):
            return False
        step = _step(log, delivery, attempt, judged, now)
        if judged.sign == "key_refused":
            pause(log, attempt.connection, KEY_REFUSED)
        note_signs(attempt, judged, answer, now)
        move(log, delivery, attempt=attempt, judged=judged, step=step, now=now, answer=answer)
        _wake_after(log, delivery, attempt, now)
    return True


def _close(attempt: Attempt, judged: Judged, answer: Answer, now: datetime) -> bool:
    """The conditional update decides between the recorder and the sweep.

    A slot is free a window after `answered_at`.
    """
    attempt.status = answer.status
    attempt.outcome = judged.outcome
    attempt.detail = judged.detail[:500]
    won = Attempt.objects.filter(pk=attempt.pk, outcome="").update(
        answered_at=Coalesce(F("answered_at"), now) if is_over(answer) else F("answered_at"),
        status=attempt.status,
        outcome=attempt.outcome,
        detail=attempt.detail,
    )
    if won and answer.status is not None:
        text = answer.body.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
        headers = {name: value.replace("\x00", "") for name, value in answer.headers.items() if name != "set-cookie"}
        kept = Exchange.objects.filter(attempt_id=attempt.pk)
        kept.update(response_headers=headers, response_body="" if _is_read(attempt) else text)
    return bool(won)


def is_over(answer: Answer) -> bool:
    """An upstream can't count it later: it answered, or nothing ever left. Not so when an answer was cut or missing."""
    return answer.status is not None or not answer.sent


def stamp(attempt_ids: Sequence[int]) -> None:
    """Ahead of settling them, because that takes its time when many come at once."""
    Attempt.objects.filter(pk__in=attempt_ids, outcome="").update(answered_at=RawSQL(NOW, []))  # noqa: S611 - ours


def _is_read(attempt: Attempt) -> bool:
    """A list of everything at the upstream is not kept."""
    return attempt.delivery.subject_type in OWN_SUBJECTS


def _step(log: Log, delivery: Delivery, attempt: Attempt, judged: Judged, now: datetime) -> Step:
    if delivery.subject_type == INQUIRY and judged.outcome == Attempt.Outcome.DELIVERED:
        return after_inquiry(delivery, now)
    step = next_step(delivery, attempt, judged, now)
    if step.asks and not ask(log, attempt.connection):
        return replace(step, asks=False, reason=_NO_READ)
    return step


def pause(log: Log, connection: Connection, reason: str) -> None:
    paused = Connection.objects.filter(pk=connection.pk, state=Connection.State.ACTIVE)
    # Conditional: of several answers with 401 one pauses, and a person may have paused it meanwhile.
    if paused.update(state=Connection.State.PAUSED, paused_reason=reason):
        log.record("connection.paused", subject=f"connection:{connection.pk}", data={}, body={"reason": reason})


def _wake_after(log: Log, delivery: Delivery, attempt: Attempt, now: datetime) -> None:
    lane = Delivery.objects.filter(connection=delivery.connection, lane=delivery.lane, state__in=Delivery.CLAIMABLE)
    if lane.exists():
        log.after_commit(waking(attempt.budget_id, urgent=delivery.urgent))
    else:
        shortest = min(seconds for _, seconds in attempt.budget.windows)
        log.after_commit(bringing_forward(attempt.budget_id, now + timedelta(seconds=shortest)))


def settle_quietly(*, delivery_id: int) -> None:
    """For what the claim found to need no call, or to be impossible to send. Decided again, with the subject locked."""
    found = Delivery.objects.select_related("connection", "organization").get(pk=delivery_id)
    with recording(found.organization, SYSTEM) as log:
        (delivery,) = locked([found])
        # The rivals are another drain that settled it first, and a person who gave it up.
        if delivery.state not in Delivery.CLAIMABLE:
            return
        now = database_now()
        step = _quiet_step(log, delivery, now)
        if step is None:
            return
        apply_step(delivery, step, now)
        if step.state != Delivery.State.REFUSED:
            delivery.acknowledged_revision = delivery.revision
        delivery.save()
        if delivery.subject_type not in OWN_SUBJECTS:
            kind = "delivery.unneeded" if step.state == Delivery.State.DELIVERED else f"delivery.{step.state}"
            report(log, [delivery], kind)
        log.after_commit(waking(delivery.connection.budget_id, urgent=delivery.urgent))


def _quiet_step(log: Log, delivery: Delivery, now: datetime) -> Step | None:
    step = next_call(delivery)
    if isinstance(step, NothingOwed):
        state = Delivery.State.WITHDRAWN if step.withdrawn else Delivery.State.DELIVERED
        return Step(state, now, 0, reason=step.reason)
    if isinstance(step, CannotSend):
        delivery.reason_field = step.field[:120]
        return Step(Delivery.State.REFUSED, now, 0, reason=step.reason)
    try:
        unseal(delivery.connection.sealed_secret)
    except SealBroken as error:
        pause(log, delivery.connection, str(error))
    return None
