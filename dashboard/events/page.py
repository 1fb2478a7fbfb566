"""One open page: who looks, what it shows, and what is on its way to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from dashboard.accounts.access import Member
from dashboard.events import protocol
from dashboard.events.protocol import Hello, Message
from dashboard.events.touched import Ref
from dashboard.registry import registry

_QUEUED = 16


@dataclass(frozen=True)
class Shown:
    """What a page may be told about: what it asked for, less what the member may not see or nobody offers."""

    regions: frozenset[Ref] = frozenset()
    gauges: frozenset[Ref] = frozenset()
    lists: frozenset[str] = frozenset()

    @classmethod
    def to(cls, member: Member, hello: Hello) -> Shown:
        return cls(
            regions=frozenset(ref for ref in map(_split, hello.regions) if _may_see_region(member, ref[0])),
            gauges=frozenset(ref for ref in map(_split, hello.gauges) if _may_see_gauge(member, ref[0])),
            lists=frozenset(name for name in hello.lists if _may_count(member, name)),
        )


@dataclass(eq=False)
class Page:
    """Lives on the event loop. The feed only ever offers; a page that doesn't keep up is told to start afresh."""

    member: Member
    session_key: str
    session_hash: str
    hello: Hello | None = None
    # A hello that no look has answered yet.
    is_new: bool = False
    shown: Shown = Shown()
    gauge_html: dict[Ref, str] = field(default_factory=dict)
    outbox: asyncio.Queue[Message | int] = field(default_factory=lambda: asyncio.Queue(_QUEUED))

    def greet(self, hello: Hello) -> None:
        self.hello, self.is_new, self.shown = hello, True, Shown.to(self.member, hello)

    def become(self, member: Member) -> None:
        """Other roles: another page, and until it is there nothing that the old one may no longer see."""
        if member.roles == self.member.roles:
            return
        self.member = member
        if self.hello:
            self.shown = Shown.to(member, self.hello)
        self.offer(protocol.reload())

    def offer(self, message: Message) -> None:
        if self.outbox.full():
            self._empty()
            message = protocol.reload()
        self.outbox.put_nowait(message)

    def close(self, code: int) -> None:
        """Before anything that still waits."""
        self._empty()
        self.outbox.put_nowait(code)

    def _empty(self) -> None:
        while not self.outbox.empty():
            self.outbox.get_nowait()


def _split(ref: str) -> Ref:
    name, _, key = ref.partition(":")
    return name, key


def _may_see_region(member: Member, name: str) -> bool:
    region = registry.region(name)
    return region is not None and member.may(region.permission)


def _may_see_gauge(member: Member, name: str) -> bool:
    gauge = registry.gauge(name)
    return gauge is not None and member.may(gauge.permission)


def _may_count(member: Member, subject_type: str) -> bool:
    """Who may see neither a place nor a fragment about such subjects learns no number of them either."""
    for domain in registry.domains.values():
        permissions = {region.permission for region in domain.regions if subject_type in region.subjects}
        if subject_type in domain.subject_types:
            permissions |= {place.permission for place in domain.places}
        if any(map(member.may, permissions)):
            return True
    return False
