"""What the order list shows, put together from one filter: rows, neighbours, tabs, chips and how much there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html

from dashboard.accounts.access import Member
from orders import saved_views
from orders.counts import shown, view_counts
from orders.keyset import SORTS, Page, Place, Position, Reader, Sort
from orders.models import Client, SavedView
from orders.order_filter import VIEWS, OrderFilter, address
from orders.order_rows import with_row_facts
from orders.queries import matching
from orders.search_text import PRIORITIES, RELAYS, SOURCES, STAGES

LAST = "last"
LABELS = {
    "q": "Search",
    "stage": "Stage",
    "relay": "Relay",
    "priority": "Priority",
    "source": "Source",
    "client": "Client",
    "tag": "Tag",
    "assignee": "Assignee",
    "deadline_from": "Deadline from",
    "deadline_to": "Deadline until",
}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "stage": STAGES,
    "relay": RELAYS,
    "priority": PRIORITIES,
    "source": SOURCES,
    "assignee": {"me": "me", "none": "nobody"},
}
# Views whose natural order is not the newest first.
_DEFAULT_SORT = {"overdue": "deadline"}


@dataclass(frozen=True)
class ListPage:
    page: Page
    wanted: OrderFilter
    sort: str
    count: str  # what matches, as far as it is cheap to know; empty where it is not
    links: Mapping[str, str]  # first, previous, next, last

    @property
    def previous_url(self) -> str:
        return f"?{self.links['previous']}" if "previous" in self.links else ""

    @property
    def next_url(self) -> str:
        return f"?{self.links['next']}" if "next" in self.links else ""


def read_page(member: Member, wanted: OrderFilter, params: QueryDict) -> ListPage:
    sort = sort_key(params, wanted)
    reader = Reader(
        with_row_facts(matching(member.organization, wanted)),
        SORTS[sort],
        newest=member.organization.last_order_number,
        aligned=_is_aligned(wanted),
    )
    page = reader.page(read_place(params))
    pairs = (("view", wanted.view), *wanted.pairs, *([("sort", sort)] if params.get("sort") else []))
    return ListPage(page, wanted, sort, _count(member, wanted, page), dict(_links(page, pairs)))


def sort_key(params: QueryDict, wanted: OrderFilter) -> str:
    asked = params.get("sort", "")
    return asked if asked in SORTS else _DEFAULT_SORT.get(wanted.view, "-number")


def sort_of(params: QueryDict, wanted: OrderFilter) -> Sort:
    return SORTS[sort_key(params, wanted)]


def read_place(params: QueryDict) -> Place:
    """A cursor that was never ours reads as the first page."""
    if params.get("page") == LAST:
        return Place(backwards=True)
    if before := Position.read(params.get("before", "")):
        return Place(before, backwards=True)
    return Place(Position.read(params.get("after", "")))


def _is_aligned(wanted: OrderFilter) -> bool:
    """Whether one index holds the matches by number: (organization, that one column, number)."""
    by_column = [value for key, value in wanted.pairs if key in {"stage", "priority", "source", "client"}]
    by_stage_view = wanted.view in {"production", "done", "cancelled"}
    if wanted.view not in {"all", "production", "done", "cancelled"}:
        return False
    return len(by_column) + by_stage_view <= 1 and len(by_column) == len(wanted.pairs)


def _count(member: Member, wanted: OrderFilter, page: Page) -> str:
    if page.is_whole:
        return f"{len(page.rows):,}"
    if wanted.narrows:
        return ""
    return shown(view_counts(member.organization)[wanted.view])


def _links(page: Page, pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    base = list(pairs)
    if page.previous:
        yield "first", address(base)
        yield "previous", address([*base, ("before", page.previous)])
    if page.next:
        yield "next", address([*base, ("after", page.next)])
        yield "last", address([*base, ("page", LAST)])


def shown_text(found: ListPage) -> str:
    rows = len(found.page.rows)
    if found.page.previous or not found.count:
        of = f" of {found.count}" if found.count else ""
        return f"{rows:,} on this page{of}"
    return f"1 to {rows:,} of {found.count}" if rows else ""


def filter_choices(wanted: OrderFilter) -> dict[str, Any]:
    """What the filter panel offers, and what of it is chosen."""
    chosen = {key: [value for name, value in wanted.pairs if name == key] for key in LABELS}
    options = {key: list(_NAMES[key].items()) for key in ("stage", "relay", "priority", "source", "assignee")}
    single = {key: chosen[key][0] if chosen[key] else "" for key in ("tag", "deadline_from", "deadline_to")}
    selects = [
        {"key": key, "label": LABELS[key], "options": values, "chosen": chosen[key]} for key, values in options.items()
    ]
    key = address((name, value) for name, value in wanted.pairs if name != "q")
    return {"selects": selects, "key": key, **single}


@dataclass(frozen=True)
class Tabs:
    entries: Sequence[Mapping[str, Any]]
    own: SavedView | None  # the saved view that is shown, if it is the member's own to change


def tabs(member: Member, wanted: OrderFilter, query: str) -> Tabs:
    """The views that everyone has, then the saved ones. `query` is the whole address, sort included."""
    saved = list(saved_views.views_of(member))
    current = next((view for view in saved if saved_views.is_current(view, query)), None)
    url = reverse("orders")
    counts = view_counts(member.organization)
    items = [
        {
            "label": label,
            "url": f"{url}?view={view}",
            "current": current is None and wanted.view == view,
            "count": count_html(view, counts[view]),
            "tone": "warning" if view in {"attention", "overdue"} and counts[view] else "neutral",
        }
        for view, label in VIEWS.items()
    ]
    items += [{"label": view.name, "url": f"{url}?{view.query}", "current": view is current} for view in saved]
    own = current if current and current.user_id == member.user.pk else None
    return Tabs(items, own)


def count_html(view: str, count: int) -> str:
    """A gauge: the counter comes again by itself while a page shows it."""
    return format_html('<span id="order-count-{0}" data-gauge="order-count:{0}">{1}</span>', view, shown(count))


def chips(member: Member, wanted: OrderFilter) -> list[tuple[str, str]]:
    """(text, address without it) of every part of the filter."""
    url = reverse("orders")
    return [
        (f"{LABELS[key]}: {_chip_value(member, wanted, key, value)}", f"{url}?{rest}")
        for key, value, rest in wanted.chips()
    ]


def _chip_value(member: Member, wanted: OrderFilter, key: str, value: str) -> str:
    if key == "client" and not wanted.problem:
        client = Client.objects.filter(organization=member.organization, pk=value).first()
        return client.name if client else "unknown"
    return _NAMES.get(key, {}).get(value, value)
