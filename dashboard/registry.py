"""What an app tells the floor about itself: whatever joins across apps goes through here, so imports point one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from dashboard.accounts.access import Member
    from dashboard.accounts.models import Organization
    from dashboard.upstream.adapters import Adapter


@dataclass(frozen=True)
class Place:
    """An entry of the navigation."""

    label: str
    url_name: str
    icon: str  # a heroicons name
    permission: str
    # Capped and cheap: it runs on every page. The live hub pushes it again when an event of `badge_kinds` comes by.
    badge: Callable[[Organization], int] | None = None
    badge_kinds: tuple[str, ...] = ()
    order: int = 50


@dataclass(frozen=True)
class Subject:
    """Something that a reference like `order:<uuid>` names, as other apps may show it."""

    ref: str
    title: str
    url: str
    state: str = ""
    timeline: Callable[[], Sequence[Any]] | None = None


@dataclass(frozen=True)
class LiveRegion:
    """Fragments of one kind that pages may show, one per subject.

    `subjects` are the subject types (the part before the colon) whose events concern it. `render` gets subject ids and
    returns `{id: html}`; each html's root element carries the id `<name>-<subject id>`. Nothing in it may depend on
    who looks, other than through `roles`.
    """

    name: str
    subjects: tuple[str, ...]
    permission: str
    render: Callable[[Organization, Iterable[str], frozenset[str]], Mapping[str, str]]


@dataclass(frozen=True)
class LiveGauge:
    """A fragment that changes with time as well as with events: rendered at most once a second while a page shows it.

    `key` is what the page named after the colon (a connection's id, say); the root element's id is `<name>-<key>`.
    """

    name: str
    permission: str
    render: Callable[[Organization, str, frozenset[str]], str]


@dataclass(frozen=True)
class Panel:
    """A tile on the home page."""

    title: str
    template: str
    context: Mapping[str, Any]
    order: int = 50


@dataclass(frozen=True)
class Found:
    """A search hit."""

    title: str
    url: str
    detail: str = ""
    kind: str = ""


@dataclass(frozen=True)
class PortfolioFigure:
    """One number per organization on the portfolio home: backlog, refused, unknown, overdue."""

    label: str
    url_name: str
    query: str  # appended to the link, e.g. "view=attention"
    count: Callable[[Organization], int]


@dataclass(frozen=True)
class Domain:
    name: str
    places: tuple[Place, ...] = ()
    permissions: Mapping[str, frozenset[str]] = field(default_factory=dict)  # permission -> roles (owner always has it)
    scopes: tuple[str, ...] = ()
    event_kinds: Mapping[str, str] = field(default_factory=dict)  # dotted kind -> sentence for people
    subject_types: tuple[str, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    regions: tuple[LiveRegion, ...] = ()
    gauges: tuple[LiveGauge, ...] = ()
    resolve: Callable[[Organization, str], Subject | None] | None = None
    panels: Callable[[Member], Sequence[Panel]] | None = None
    search: Callable[[Organization, str], Sequence[Found]] | None = None
    portfolio: tuple[PortfolioFigure, ...] = ()
    seed: Callable[[Organization, datetime], None] | None = None


class Registry:
    """Filled once, from every app's `ready()`; read everywhere."""

    def __init__(self) -> None:
        self.domains: dict[str, Domain] = {}

    def register(self, domain: Domain) -> None:
        if domain.name in self.domains:
            raise ValueError(f"Domain {domain.name} is registered twice.")
        self.domains[domain.name] = domain

    def places(self) -> list[Place]:
        return sorted((place for domain in self.domains.values() for place in domain.places), key=lambda p: p.order)

    def permissions(self) -> dict[str, frozenset[str]]:
        return {name: roles for domain in self.domains.values() for name, roles in domain.permissions.items()}

    def scopes(self) -> list[str]:
        return [scope for domain in self.domains.values() for scope in domain.scopes]

    def sentence(self, kind: str) -> str:
        """What an event's kind says to people; an unregistered kind is a bug and says so."""
        for domain in self.domains.values():
            if kind in domain.event_kinds:
                return domain.event_kinds[kind]
        raise LookupError(f"No domain registered the event kind {kind}.")

    def adapter(self, system: str) -> Adapter:
        for domain in self.domains.values():
            for adapter in domain.adapters:
                if adapter.system == system:
                    return adapter
        raise LookupError(f"No domain registered an adapter for the system {system}.")

    def region(self, name: str) -> LiveRegion | None:
        return next((r for d in self.domains.values() for r in d.regions if r.name == name), None)

    def gauge(self, name: str) -> LiveGauge | None:
        return next((g for d in self.domains.values() for g in d.gauges if g.name == name), None)

    def resolve(self, organization: Organization, ref: str) -> Subject | None:
        kind = ref.partition(":")[0]
        for domain in self.domains.values():
            if kind in domain.subject_types and domain.resolve is not None:
                return domain.resolve(organization, ref)
        return None


registry = Registry()
