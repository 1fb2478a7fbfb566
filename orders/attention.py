"""What needs a person: orders that were refused, whose outcome is unknown, that were given up, or that are overdue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.counts import shown
from orders.models import Order
from orders.order_rows import OrderRow, with_row_facts
from orders.queries import overdue

# Of each kind; the rest is one click away, in the list.
SHOWN = 50


@dataclass(frozen=True)
class Kind:
    name: str
    title: str
    meaning: str
    tone: str
    actions: tuple[str, ...]  # names of bulk actions, singly and for a selection
    query: str  # the list with all of them


KINDS = (
    Kind(
        "refused",
        "Refused by the upstream",
        "It said no and will say so again. Correct the order, then send it again.",
        "danger",
        ("send_again", "give_up"),
        "view=all&relay=refused",
    ),
    Kind(
        "unknown",
        "Outcome unknown",
        "A request left and no readable answer came: it may have arrived. Asking finds out; nothing is sent twice.",
        "warning",
        ("ask", "send_again", "give_up"),
        "view=all&relay=unknown",
    ),
    Kind(
        "given_up",
        "Given up",
        "Somebody stopped trying. The upstream does not hold the latest state of these orders.",
        "danger",
        ("send_again",),
        "view=all&relay=given_up",
    ),
    Kind(
        "overdue",
        "Overdue",
        "The deadline has passed and production is not done.",
        "warning",
        ("deadline", "cancel"),
        "view=overdue",
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True)
class Case:
    """One order in one group, with what is wrong about it."""

    kind: Kind
    row: OrderRow
    reason: str
    field: str
    since: datetime | None


@dataclass(frozen=True)
class Group:
    kind: Kind
    cases: Sequence[Case]
    count: str
    more: bool


def groups_of(organization: Organization, counts: Mapping[str, int]) -> list[Group]:
    """Once per page, an order stands under the worst that is wrong with it."""
    found: dict[str, dict[UUID, Case]] = {kind.name: {} for kind in KINDS}
    for case in cases_of([*_failed(organization), *_late(organization)]):
        found[case.kind.name][case.row.pk] = case
    return [_group(kind, list(found[kind.name].values()), counts) for kind in KINDS if found[kind.name]]


def _group(kind: Kind, cases: list[Case], counts: Mapping[str, int]) -> Group:
    more = len(cases) >= SHOWN and counts[kind.name] > len(cases)
    return Group(kind, cases, shown(counts[kind.name] if more else len(cases)), more)


def _failed(organization: Organization) -> Iterable[OrderRow]:
    """The orders of the newest deliveries of each state, the newest first."""
    newest = [
        relay_state.deliveries_in(organization, [state]).order_by("-pk").values("lane")[:SHOWN]
        for state in Delivery.NEEDS_ATTENTION
    ]
    orders = Order.objects.filter(organization=organization, pk__in=newest[0].union(*newest[1:], all=True))
    return with_row_facts(orders.order_by("-number"))


def _late(organization: Organization) -> Iterable[OrderRow]:
    """The longest overdue first."""
    late = Order.objects.filter(overdue(), organization=organization).order_by("deadline_at", "number")
    return with_row_facts(late)[:SHOWN]


def cases_of(rows: Iterable[OrderRow]) -> Iterator[Case]:
    """What is wrong with these orders now; nothing for those that are settled."""
    now = timezone.now()
    for row in rows:
        worst = row.delivery
        if worst is not None and worst["state"] in Delivery.NEEDS_ATTENTION:
            since = worst["unknown_since"] or worst["settled_at"] or worst["queued_at"]
            kind = BY_NAME[worst["state"]]
            yield Case(kind, row, worst["reason"], worst["field"], datetime.fromisoformat(since))
        elif row.is_overdue(now):
            yield Case(BY_NAME["overdue"], row, "", "", row.deadline_at)
