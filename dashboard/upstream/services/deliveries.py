"""What people do with deliveries that need them: send again, ask the upstream, give up, note. Singly and for many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.accounts.models import Organization, User
from dashboard.events.recording import Actor, Log, recording
from dashboard.upstream.clock import database_now
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.inquiries import OWN_SUBJECTS
from dashboard.upstream.models import Attempt, Delivery, DeliveryNote
from dashboard.upstream.moving import locked, report
from dashboard.upstream.queries import visible_deliveries
from dashboard.upstream.unknown import ask
from dashboard.upstream.wake import waking

_AT_ONCE = 100
_State = Delivery.State


@dataclass(frozen=True)
class Acted:
    """How many it was done for, and why not for the others: `{delivery id: sentence}`."""

    done: int
    skipped: dict[int, str]


def retry_deliveries(*, organization: Organization, actor: Actor, delivery_ids: Sequence[int]) -> Acted:
    """Sends refused, given-up and person-decided ones again.

    Where nobody knows whether it arrived, the upstream is asked.
    """
    return _for_each(organization, actor, delivery_ids, _retry)


def give_up_deliveries(*, organization: Organization, actor: Actor, delivery_ids: Sequence[int]) -> Acted:
    """What is on its way can't be given up; everything else that is open or refused can."""
    return _for_each(organization, actor, delivery_ids, _give_up)


def ask_upstream(*, organization: Organization, actor: Actor, delivery_ids: Sequence[int]) -> Acted:
    """Owes the connection's inquiry now, for deliveries whose outcome is unknown."""
    return _for_each(organization, actor, delivery_ids, _ask)


def retry_delivery(*, organization: Organization, actor: Actor, delivery_id: int) -> Delivery:
    acted = retry_deliveries(organization=organization, actor=actor, delivery_ids=[delivery_id])
    return _single(organization, delivery_id, acted)


def give_up_delivery(*, organization: Organization, actor: Actor, delivery_id: int) -> Delivery:
    acted = give_up_deliveries(organization=organization, actor=actor, delivery_ids=[delivery_id])
    return _single(organization, delivery_id, acted)


def note_delivery(
    *, organization: Organization, actor: Actor, delivery_id: int, author: User | None, text: str
) -> DeliveryNote:
    if not text.strip():
        raise UpstreamError("Write something to note.", "text")
    with recording(organization, actor) as log:
        found = visible_deliveries(organization).select_related("connection").filter(pk=delivery_id).first()
        if found is None:
            raise UpstreamError(f"{organization.name} has no delivery {delivery_id}.")
        note = DeliveryNote.objects.create(delivery=found, author=author, text=text.strip()[:2000])
        report(log, [found], "delivery.noted", note=note.pk)
    return note


def _single(organization: Organization, delivery_id: int, acted: Acted) -> Delivery:
    if acted.skipped:
        raise UpstreamError(acted.skipped[delivery_id])
    return Delivery.objects.get(organization=organization, pk=delivery_id)


@dataclass(frozen=True)
class _Case:
    delivery: Delivery
    askable: bool  # the read of this upstream tells whether the last call arrived


# Answers why it was not done, or nothing.
_Act = Callable[[Log, "_Case", datetime], str]


def _for_each(organization: Organization, actor: Actor, delivery_ids: Sequence[int], act: _Act) -> Acted:
    done = 0
    skipped: dict[int, str] = {}
    wanted = sorted(set(delivery_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        chunk = wanted[start : start + _AT_ONCE]
        with recording(organization, actor) as log:
            cases = _lock(organization, chunk)
            now = database_now()
            refused = {case.delivery.pk: reason for case in cases if (reason := act(log, case, now))}
        missing = set(chunk) - {case.delivery.pk for case in cases}
        skipped |= refused | {pk: f"{organization.name} has no delivery {pk}." for pk in missing}
        done += len(cases) - len(refused)
    return Acted(done, skipped)


def _lock(organization: Organization, delivery_ids: Sequence[int]) -> list[_Case]:
    rows = visible_deliveries(organization).filter(pk__in=delivery_ids).select_related("connection").order_by("pk")
    by_connection: dict[object, list[Delivery]] = {}
    for row in rows:
        by_connection.setdefault(row.connection_id, []).append(row)
    found = [row for group in by_connection.values() for row in locked(group)]
    last = Attempt.objects.filter(delivery__in=[row.pk for row in found]).order_by("delivery", "-pk")
    policies = dict(last.distinct("delivery").values_list("delivery", "on_unknown"))
    return [_Case(row, policies.get(row.pk) == "ask") for row in found]


def _retry(log: Log, case: _Case, now: datetime) -> str:
    delivery = case.delivery
    if delivery.state not in {_State.REFUSED, _State.GIVEN_UP, _State.UNKNOWN, _State.RETRYING}:
        return f"Delivery {delivery.pk} is {delivery.get_state_display().lower()}; there is nothing to send again."
    if delivery.unknown_since and case.askable:
        return _ask(log, case, now)
    if delivery.state == _State.RETRYING and delivery.due_at <= now:
        return f"Delivery {delivery.pk} is sent again as soon as the limits allow."
    _requeue(delivery, now)
    report(log, [delivery], "delivery.retried")
    log.after_commit(waking(delivery.connection.budget_id, urgent=True))
    return ""


def _requeue(delivery: Delivery, now: datetime) -> None:
    if delivery.state != _State.RETRYING:
        delivery.queued_at = now
    delivery.state, delivery.due_at, delivery.urgent = _State.WAITING, now, True
    delivery.failures, delivery.asks, delivery.unknown_since, delivery.settled_at = 0, False, None, None
    delivery.reason, delivery.reason_field = "", ""
    delivery.save()


def _give_up(log: Log, case: _Case, now: datetime) -> str:
    delivery = case.delivery
    if delivery.state == _State.GIVEN_UP:
        return ""
    if delivery.state in {_State.SENDING, _State.DELIVERED, _State.WITHDRAWN}:
        return f"Delivery {delivery.pk} is {delivery.get_state_display().lower()} and can't be given up."
    # `unknown_since` stays: if it is ever sent again, the upstream is asked first.
    delivery.state, delivery.settled_at, delivery.asks = _State.GIVEN_UP, now, False
    delivery.save(update_fields=["state", "settled_at", "asks"])
    report(log, [delivery], "delivery.given_up")
    log.after_commit(waking(delivery.connection.budget_id))
    return ""


def _ask(log: Log, case: _Case, now: datetime) -> str:
    delivery = case.delivery
    if not delivery.unknown_since:
        return f"The outcome of delivery {delivery.pk} is known; there is nothing to ask."
    if not case.askable or not ask(log, delivery.connection):
        return (
            f"The upstream can't be asked about delivery {delivery.pk}; look there, then send it again or give it up."
        )
    delivery.state, delivery.asks, delivery.failures, delivery.settled_at = _State.UNKNOWN, True, 0, None
    delivery.save(update_fields=["state", "asks", "failures", "settled_at"])
    _hasten_inquiry(delivery, now)
    report(log, [delivery], "delivery.asked")
    return ""


def _hasten_inquiry(delivery: Delivery, now: datetime) -> None:
    inquiries = Delivery.objects.filter(connection=delivery.connection, subject_type__in=OWN_SUBJECTS)
    inquiries.filter(state__in=Delivery.CLAIMABLE, due_at__gt=now).update(due_at=now)
