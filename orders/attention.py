"""What needs a person: orders that were refused, whose outcome is unknown, that were given up, or that are overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, QuerySet, Value
from django.utils import timezone

from dashboard.accounts.models import Organization
from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.counts import capped_counts, lanes, shown
from orders.models import Order
from orders.order_rows import OrderRow, with_row_facts
from orders.queries import overdue

# Of each kind; the rest is one click away, in the list.
SHOWN = 50
_FACTS = ("state", "lane", "reason", "reason_field", "settled_at", "unknown_since", "queued_at")


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


def groups_of(organization: Organization) -> list[Group]:
    found: dict[str, list[Case]] = {kind.name: [] for kind in KINDS}
    seen = set()
    cases = [*failed_cases(organization), *overdue_cases(organization)]
    for case in sorted(cases, key=lambda case: KINDS.index(case.kind)):
        # Once per page, under the worst that is wrong with it.
        if case.row.pk not in seen:
            seen.add(case.row.pk)
            found[case.kind.name].append(case)
    counts = _counts(organization) if any(len(cases) >= SHOWN for cases in found.values()) else {}
    return [_group(kind, found[kind.name], counts) for kind in KINDS if found[kind.name]]


def _group(kind: Kind, cases: list[Case], counts: Mapping[str, int]) -> Group:
    count = max(counts.get(kind.name, 0), len(cases))
    return Group(kind, cases, shown(count), more=count > len(cases))


def failed_cases(organization: Organization) -> list[Case]:
    """The newest of each state."""
    states = [_failed(organization, state) for state in Delivery.NEEDS_ATTENTION]
    found = list(states[0].union(*states[1:], all=True))
    rows = rows_by_id(organization, {delivery["lane"] for delivery in found})
    return [_case(rows[delivery["lane"]], delivery) for delivery in found if delivery["lane"] in rows]


def _failed(organization: Organization, state: str) -> QuerySet[Delivery, dict[str, Any]]:
    return relay_state.deliveries_in(organization, [state]).order_by("-pk").values(*_FACTS)[:SHOWN]


def _case(row: OrderRow, delivery: Mapping[str, Any]) -> Case:
    since = delivery["unknown_since"] or delivery["settled_at"] or delivery["queued_at"]
    return Case(BY_NAME[delivery["state"]], row, delivery["reason"], delivery["reason_field"], since)


def overdue_cases(organization: Organization) -> list[Case]:
    """The longest overdue first."""
    late = Order.objects.filter(overdue(), organization=organization).order_by("deadline_at", "number")
    return [overdue_case(row) for row in with_row_facts(late)[:SHOWN]]


def cases_of(organization: Organization, rows: Sequence[OrderRow]) -> list[Case]:
    """What is wrong with these orders now; nothing for those that are settled."""
    failed = relay_state.deliveries_in(organization, Delivery.NEEDS_ATTENTION).filter(lane__in=[row.pk for row in rows])
    by_id = {row.pk: row for row in rows}
    cases = [_case(by_id[delivery["lane"]], delivery) for delivery in failed.order_by("-pk").values(*_FACTS)]
    late = [overdue_case(row) for row in rows if row.is_overdue(timezone.now())]
    # The worst comes last, so that it wins.
    ranked = sorted([*cases, *late], key=lambda case: -KINDS.index(case.kind))
    return list({case.row.pk: case for case in ranked}.values())


def overdue_case(row: OrderRow) -> Case:
    return Case(BY_NAME["overdue"], row, "", "deadline_at", row.deadline_at)


def rows_by_id(organization: Organization, ids: Iterable[UUID]) -> dict[UUID, OrderRow]:
    orders = with_row_facts(Order.objects.filter(organization=organization, pk__in=list(ids)))
    return {row.pk: row for row in orders}


def _counts(organization: Organization) -> dict[str, int]:
    counted: dict[str, QuerySet[Any]] = {state: lanes(organization, (state,)) for state in Delivery.NEEDS_ATTENTION}
    late = Order.objects.filter(overdue(), organization=organization)
    counted["overdue"] = late.values(one=Value("x", output_field=CharField()), at=F("deadline_at"))
    return capped_counts(counted)
