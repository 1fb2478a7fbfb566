"""What can be done to many orders at once: what each command needs, whom it leaves out and why, and how it is done.

A command never does anything itself: it calls the service that one order's page calls. `skips` are conditions, so that
the preview counts a million orders in one query and the run finds the same ones again under lock. Repeating a command
skips everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localtime

from dashboard.accounts.access import Member
from dashboard.accounts.models import Membership, Organization
from dashboard.events.recording import Actor, recording
from orders.errors import Invalid, OrderError
from orders.models import LineItem, Order, Priority
from orders.schemas import OrderChange, TagsInput, validate
from orders.search_text import SearchError, read_day
from orders.services import notes, ordering, tags

Arguments = Mapping[str, Any]
Skips = list[tuple[str, Q]]
CANCELLED = ("It is cancelled.", Q(is_deleted=True))


@dataclass(frozen=True)
class Applied:
    changed: int
    failed: Sequence[tuple[UUID, str]] = ()  # order, reason


@dataclass(frozen=True)
class BulkAction:
    name: str
    label: str
    permission: str
    icon: str
    says: Callable[[Arguments], str]  # what the preview is headed with
    skips: Callable[[Organization, Arguments], Skips]
    apply: Callable[[Organization, Actor, Sequence[UUID], Arguments], Applied]
    # Reads what the form gave; raises OrderError with the sentence to show.
    read: Callable[[Member, Mapping[str, str]], dict[str, Any]] = field(default=lambda _member, _form: {})
    tone: str = "secondary"
    single: str = ""  # on the button beside one order, where it differs
    needs: str = ""  # the form field that it asks for
    choices: Sequence[str] = ()
    # In calls to the upstream: per `change` that does not travel with a waiting call, per `line_item`, per `failed`
    # delivery, `one` for all, or `nothing`.
    costs: str = "change"

    def __str__(self) -> str:
        return self.name


def one_by_one(change: Callable[[UUID], object], ids: Sequence[UUID]) -> Applied:
    """A refused order takes only itself back; its reason goes into the report."""
    failed = []
    for order_id in ids:
        try:
            change(order_id)
        except OrderError as error:
            failed.append((order_id, str(error)))
    return Applied(len(ids) - len(failed), failed)


def _read_priority(_member: Member, form: Mapping[str, str]) -> dict[str, Any]:
    if form.get("priority") not in Priority.values:
        raise Invalid([("priority", f"Choose a priority: {', '.join(Priority.values)}.")])
    return {"priority": form["priority"]}


def _read_deadline(_member: Member, form: Mapping[str, str]) -> dict[str, Any]:
    """An empty date takes the deadline away. The day ends at midnight UTC, as in an imported file."""
    text = form.get("deadline", "").strip()
    if not text:
        return {"deadline_at": None}
    try:
        return {"deadline_at": f"{read_day(text).isoformat()}T00:00:00+00:00"}
    except SearchError as error:
        raise Invalid([("deadline", str(error))]) from error


def _read_tag(_member: Member, form: Mapping[str, str]) -> dict[str, Any]:
    tag = " ".join(form.get("tag", "").split())
    if not tag or len(tag) > 80 or not tag.isprintable():
        raise Invalid([("tag", "Give a tag of 1 to 80 printable characters.")])
    return {"tag": tag}


def _read_assignee(member: Member, form: Mapping[str, str]) -> dict[str, Any]:
    chosen = form.get("assignee", "")
    if chosen == "none":
        return {"assignee": None, "name": "nobody"}
    wanted = str(member.user.pk) if chosen in {"", "me"} else chosen
    people_here = Membership.objects.filter(organization=member.organization).select_related("user")
    found = next((each.user for each in people_here if str(each.user_id) == wanted), None)
    if found is None:
        raise Invalid([("assignee", "Choose a member of this organization.")])
    return {"assignee": str(found.pk), "name": found.name or found.email}


def _deadline(arguments: Arguments) -> datetime | None:
    return datetime.fromisoformat(arguments["deadline_at"]) if arguments["deadline_at"] else None


def _says_deadline(arguments: Arguments) -> str:
    moment = _deadline(arguments)
    return f"Set the deadline to {localtime(moment):%Y-%m-%d}" if moment else "Remove the deadline"


def _change(organization: Organization, actor: Actor, ids: Sequence[UUID], values: Arguments) -> Applied:
    change = validate(OrderChange, dict(values))
    return one_by_one(
        lambda pk: ordering.update_order(organization=organization, actor=actor, order_id=pk, change=change), ids
    )


def _cancel(organization: Organization, actor: Actor, ids: Sequence[UUID], _arguments: Arguments) -> Applied:
    return one_by_one(lambda pk: ordering.cancel_order(organization=organization, actor=actor, order_id=pk), ids)


def _add_tag(organization: Organization, actor: Actor, ids: Sequence[UUID], arguments: Arguments) -> Applied:
    """To every line item that lacks it."""
    wanted = validate(TagsInput, {"tags": [arguments["tag"]]})
    lacking: dict[UUID, list[str]] = defaultdict(list)
    items = LineItem.objects.filter(order__in=ids).exclude(tags__contains=wanted.tags).order_by("position")
    for order_id, line_item_id in items.values_list("order_id", "line_item_id"):
        lacking[order_id].append(line_item_id)

    def tag_all(order_id: UUID) -> None:
        with recording(organization, actor):
            for name in lacking[order_id]:
                tags.add_tags(organization=organization, actor=actor, order_id=order_id, line_item_id=name, tags=wanted)

    return one_by_one(tag_all, ids)


def _assign(organization: Organization, actor: Actor, ids: Sequence[UUID], arguments: Arguments) -> Applied:
    person = UUID(arguments["assignee"]) if arguments["assignee"] else None
    return one_by_one(
        lambda pk: notes.assign_order(organization=organization, actor=actor, order_id=pk, assignee_id=person), ids
    )


def _priority_skips(_organization: Organization, arguments: Arguments) -> Skips:
    priority = arguments["priority"]
    return [CANCELLED, (f"Its priority is {priority} already.", Q(priority=priority))]


def _deadline_skips(_organization: Organization, arguments: Arguments) -> Skips:
    moment = _deadline(arguments)
    same = Q(deadline_at=moment) if moment else Q(deadline_at__isnull=True)
    return [CANCELLED, ("It has this deadline already." if moment else "It has no deadline.", same)]


def _cancel_skips(_organization: Organization, _arguments: Arguments) -> Skips:
    return [("It is cancelled already.", Q(is_deleted=True)), ("All of it is done.", Q(stage=Order.Stage.DONE))]


def _tag_skips(_organization: Organization, arguments: Arguments) -> Skips:
    without = LineItem.objects.filter(order=OuterRef("pk")).exclude(tags__contains=[arguments["tag"]])
    return [CANCELLED, ("All of its line items have this tag already.", Q(~Exists(without)))]


def _assign_skips(_organization: Organization, arguments: Arguments) -> Skips:
    person = arguments["assignee"]
    same = Q(assignee=person) if person else Q(assignee__isnull=True)
    return [(f"It is assigned to {arguments['name']} already.", same)]


CHANGE = "orders.change"
ORDER_ACTIONS = (
    BulkAction(
        "priority",
        "Set priority",
        CHANGE,
        "flag",
        lambda arguments: f"Set the priority to {arguments['priority']}",
        _priority_skips,
        _change,
        _read_priority,
        needs="priority",
        choices=Priority.values,
    ),
    BulkAction(
        "deadline",
        "Set deadline",
        CHANGE,
        "calendar-days",
        _says_deadline,
        _deadline_skips,
        _change,
        _read_deadline,
        needs="deadline",
    ),
    BulkAction(
        "tag",
        "Add tag",
        CHANGE,
        "tag",
        lambda arguments: f"Add the tag “{arguments['tag']}”",
        _tag_skips,
        _add_tag,
        _read_tag,
        needs="tag",
        costs="line_item",
    ),
    BulkAction(
        "assign",
        "Assign",
        CHANGE,
        "user",
        lambda arguments: f"Assign to {arguments['name']}",
        _assign_skips,
        _assign,
        _read_assignee,
        needs="assignee",
        costs="nothing",
    ),
    BulkAction(
        "cancel",
        "Cancel orders",
        CHANGE,
        "x-circle",
        lambda _arguments: "Cancel these orders",
        _cancel_skips,
        _cancel,
        tone="danger",
    ),
)
