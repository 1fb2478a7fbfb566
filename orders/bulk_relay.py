"""Commands about what is owed to the upstream for many orders: send again, ask, give up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor
from dashboard.upstream.models import Delivery
from dashboard.upstream.services import Acted, ask_upstream, give_up_deliveries, retry_deliveries
from orders import relay_state
from orders.bulk_actions import Applied, Arguments, BulkAction, Skips

State = Delivery.State
# The upstream's service asks first where a request of these left without an answer.
FAILED = (State.REFUSED, State.GIVEN_UP, State.UNKNOWN)
UNDECIDED = (State.UNKNOWN,)
ENDABLE = (State.REFUSED, State.UNKNOWN, State.WAITING, State.RETRYING)


class Act(Protocol):
    def __call__(self, *, organization: Organization, actor: Actor, delivery_ids: Sequence[int]) -> Acted: ...


def _skips(states: Sequence[str], reason: str) -> Callable[[Organization, Arguments], Skips]:
    def skips(organization: Organization, _arguments: Arguments) -> Skips:
        mine = relay_state.deliveries_in(organization, states).filter(lane=OuterRef("pk"))
        return [(reason, Q(~Exists(mine)))]

    return skips


def _apply(states: Sequence[str], act: Act) -> Callable[[Organization, Actor, Sequence[UUID], Arguments], Applied]:
    def apply(organization: Organization, actor: Actor, ids: Sequence[UUID], _arguments: Arguments) -> Applied:
        """Everything that hangs on an order and is in that state; it counts as changed when one of them moved."""
        found = relay_state.deliveries_in(organization, states).filter(lane__in=ids)
        lanes = dict(found.order_by("pk").values_list("pk", "lane"))
        acted = act(organization=organization, actor=actor, delivery_ids=list(lanes))
        reasons: dict[UUID, list[str]] = defaultdict(list)
        for pk, reason in acted.skipped.items():
            reasons[lanes[pk]].append(reason)
        moved = {lane for pk, lane in lanes.items() if pk not in acted.skipped}
        return Applied(len(moved), [(lane, why[0]) for lane, why in reasons.items() if lane not in moved])

    return apply


ACT = "deliveries.act"
RELAY_ACTIONS = (
    BulkAction(
        "send_again",
        "Send again",
        ACT,
        "arrow-path",
        lambda _arguments: "Send again what was refused or given up",
        _skips(FAILED, "Nothing of it was refused, given up or is unknown."),
        _apply(FAILED, retry_deliveries),
        costs="failed",
    ),
    BulkAction(
        "ask",
        "Ask the upstream",
        ACT,
        "question-mark-circle",
        lambda _arguments: "Ask the upstream what became of these orders",
        _skips(UNDECIDED, "Its outcome is not unknown."),
        _apply(UNDECIDED, ask_upstream),
        costs="one",
    ),
    BulkAction(
        "give_up",
        "Give up",
        ACT,
        "no-symbol",
        lambda _arguments: "Stop trying to send these orders",
        _skips(ENDABLE, "Nothing of it waits, was refused or is unknown."),
        _apply(ENDABLE, give_up_deliveries),
        tone="danger",
        costs="nothing",
    ),
)
