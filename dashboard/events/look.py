"""One look at an organization's log for all pages that are open on it. Runs in a thread of the hub, never on its loop.

Access first, then content: who lost access since the last look gets nothing of what happened since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events import protocol
from dashboard.events.fragments import Fragments
from dashboard.events.models import ChainHead, Event
from dashboard.events.page import Page, Shown
from dashboard.events.protocol import Message
from dashboard.events.standing import ACCESS_KINDS, standing
from dashboard.events.touched import Ref, touched
from dashboard.registry import registry

# A page further behind than this starts afresh; so does one for which more than REFS_AT_ONCE things changed.
EVENTS_AT_ONCE = 1000
REFS_AT_ONCE = 100


@dataclass(frozen=True)
class Happened:
    """What a run of events means to pages."""

    kinds: frozenset[str]
    refs: frozenset[Ref]

    @classmethod
    def of(cls, events: Sequence[Event]) -> Happened:
        known = _subject_types()
        refs = (ref for event in events for ref in touched(event.kind, event.subject, event.data))
        return cls(frozenset(event.kind for event in events), frozenset(ref for ref in refs if ref[0] in known))

    @cached_property
    def regions(self) -> dict[Ref, Ref]:
        """Region on a page -> the subject that it shows."""
        regions = [region for domain in registry.domains.values() for region in domain.regions]
        return {
            (region.name, key): (kind, key) for kind, key in self.refs for region in regions if kind in region.subjects
        }


@dataclass(frozen=True)
class Asked:
    """A page as it stood when the look began. `since` is set on a page that said hello."""

    page: Page
    member: Member
    shown: Shown
    since: int | None


@dataclass
class Looked:
    seq: int
    has_more: bool = False
    access_changed: bool = False
    standing: dict[Page, Member | None] = field(default_factory=dict)
    messages: dict[Page, Message] = field(default_factory=dict)


@dataclass
class Look:
    organization: Organization
    seq: int | None
    asked: Sequence[Asked]
    check_access: bool = False
    gauges_due: bool = False

    def __call__(self) -> Looked:
        seq = log_position(self.organization) if self.seq is None else self.seq
        events = events_after(self.organization, self._oldest(seq))
        looked = Looked(max([seq, *(event.seq for event in events)]), has_more=len(events) == EVENTS_AT_ONCE)
        looked.access_changed = any(event.kind.startswith(ACCESS_KINDS) for event in events if event.seq > seq)
        if looked.access_changed or self.check_access:
            looked.standing = standing(self.organization, (asked.page for asked in self.asked))
        told = [asked for asked in self.asked if looked.standing.get(asked.page, asked.member) == asked.member]
        self._tell(told, events, seq, looked)
        return looked

    def _oldest(self, seq: int) -> int:
        reachable = (asked.since for asked in self.asked if asked.since is not None and self._reaches(asked.since, seq))
        return min([seq, *reachable])

    @staticmethod
    def _reaches(since: int, seq: int) -> bool:
        return seq - since <= EVENTS_AT_ONCE

    def _is_lost(self, asked: Asked, seq: int, looked: Looked) -> bool:
        """Too far behind, or ahead of a log that has nothing more to read: then it shows another log than this one."""
        if asked.since is None:
            return False
        return not self._reaches(asked.since, seq) or (asked.since > looked.seq and not looked.has_more)

    def _tell(self, told: Sequence[Asked], events: Sequence[Event], seq: int, looked: Looked) -> None:
        sinces = {asked: seq if asked.since is None else asked.since for asked in told}
        happened = {since: Happened.of([e for e in events if e.seq > since]) for since in set(sinces.values())}
        fragments = Fragments(self.organization)
        for asked in told:
            fragments.want(happened[sinces[asked]].regions.keys() & asked.shown.regions, asked.member.roles)
        for asked in told:
            what = happened[sinces[asked]]
            message = (
                protocol.reload()
                if self._is_lost(asked, seq, looked)
                else self._message(asked, what, fragments, looked.seq)
            )
            if message:
                looked.messages[asked.page] = message

    def _message(self, asked: Asked, happened: Happened, fragments: Fragments, seq: int) -> Message | None:
        if asked.since is not None and len(happened.refs) > REFS_AT_ONCE:
            return protocol.reload()
        roles = asked.member.roles
        try:
            html = {ref: fragments.of(ref, roles) for ref in sorted(happened.regions.keys() & asked.shown.regions)}
        except LookupError:
            return protocol.reload()
        pushed = [each for each in html.values() if each is not None]
        on_screen = {happened.regions[ref] for ref, each in html.items() if each is not None}
        lists = _changed_elsewhere(asked.shown.lists, happened.refs - on_screen)
        badges = _badges(asked.member, happened.kinds, fragments)
        pushed += self._gauges(asked, fragments)
        if pushed or lists or badges:
            return protocol.frame(seq, pushed, lists, badges)
        return None if asked.since is None else protocol.current(seq)

    def _gauges(self, asked: Asked, fragments: Fragments) -> Iterable[str]:
        """Only what is not on the page yet. One look at a time touches `gauge_html`."""
        if not self.gauges_due and asked.since is None:
            return
        sent = asked.page.gauge_html
        for ref in sorted(asked.shown.gauges):
            html = fragments.gauge(ref, asked.member.roles)
            if html is not None and sent.get(ref) != html:
                sent[ref] = html
                yield html


def _subject_types() -> set[str]:
    """Data holds much that only looks like a reference; what no app knows as a subject is none."""
    domains = registry.domains.values()
    return {kind for domain in domains for kind in domain.subject_types} | {
        kind for domain in domains for region in domain.regions for kind in region.subjects
    }


def log_position(organization: Organization) -> int:
    return ChainHead.objects.filter(organization=organization).values_list("event_seq", flat=True).first() or 0


def events_after(organization: Organization, seq: int) -> list[Event]:
    """Committed in the order of seq, because the head is locked until the commit: what is read has no gaps."""
    events = Event.objects.filter(organization=organization, seq__gt=seq).order_by("seq")
    return list(events.only("seq", "kind", "subject", "data")[:EVENTS_AT_ONCE])


def _changed_elsewhere(lists: Iterable[str], refs: Iterable[Ref]) -> dict[str, int]:
    kinds = [kind for kind, _ in refs]
    return {name: kinds.count(name) for name in sorted(lists) if name in kinds}


def _badges(member: Member, kinds: frozenset[str], fragments: Fragments) -> dict[str, int]:
    places = (place for place in registry.places() if place.badge and not kinds.isdisjoint(place.badge_kinds))
    return {f"badge-{place.url_name}": fragments.badge(place) for place in places if member.may(place.permission)}
