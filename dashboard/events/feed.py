"""One organization's pages in this process: looks at the log when woken, and every second anyway, and sends frames."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from django.db import Error as DatabaseError

from dashboard.accounts.models import Organization
from dashboard.events import protocol
from dashboard.events.look import Asked, Look, Looked
from dashboard.events.page import Page

# At most four frames a second; what happens in between goes into one.
BETWEEN_LOOKS = 0.25
LOOKS_EVERY = 1.0
GAUGES_EVERY = 1.0
HEARTBEAT_EVERY = 5.0
# A sign-out is recorded just before its session goes, so access is checked again for a moment after such an event.
_LOOKS_AFTER_ACCESS_CHANGED = 3
_log = logging.getLogger(__name__)


class Feed:
    def __init__(self, organization: Organization, in_thread: Callable[[Look], Awaitable[Looked]]) -> None:
        self.organization = organization
        self.in_thread = in_thread
        self.pages: set[Page] = set()
        self.woken = asyncio.Event()
        self.seq: int | None = None
        self._access_checks = 0
        self._next_gauges = self._next_heartbeat = 0.0

    async def run(self) -> None:
        """As long as a page is open. Without the database not even a heartbeat is sent, so pages turn stale."""
        clock = asyncio.get_running_loop().time
        while self.pages:
            started = clock()
            self.woken.clear()
            try:
                await self._look(started)
            except (DatabaseError, OSError) as error:
                _log.warning("The log of %s could not be read (%s); its pages wait.", self.organization.slug, error)
            await asyncio.sleep(max(0.0, started + BETWEEN_LOOKS - clock()))
            try:
                await asyncio.wait_for(self.woken.wait(), max(0.0, started + LOOKS_EVERY - clock()))
            except TimeoutError:
                continue

    async def _look(self, now: float) -> None:
        asked = [self._ask(page) for page in self.pages]
        is_beat, gauges_due = now >= self._next_heartbeat, now >= self._next_gauges
        look = Look(self.organization, self.seq, asked, is_beat or self._access_checks > 0, gauges_due)
        try:
            looked = await self.in_thread(look)
        except BaseException:
            _unanswer(asked)
            raise
        self._access_checks = _LOOKS_AFTER_ACCESS_CHANGED if looked.access_changed else max(0, self._access_checks - 1)
        self._next_gauges = now + GAUGES_EVERY if gauges_due else self._next_gauges
        self._next_heartbeat = now + HEARTBEAT_EVERY if is_beat else self._next_heartbeat
        self._deliver(looked, is_beat=is_beat)

    def _ask(self, page: Page) -> Asked:
        since = page.hello.seq if page.hello and page.is_new else None
        page.is_new = False
        return Asked(page, page.member, page.shown, since)

    def _deliver(self, looked: Looked, *, is_beat: bool) -> None:
        self.seq = looked.seq
        for page, member in looked.standing.items():
            if member is None:
                self.pages.discard(page)
                page.close(protocol.NOT_ALLOWED)
            else:
                page.become(member)
        for page, message in looked.messages.items():
            if page in self.pages:
                page.offer(message)
        for page in self.pages if is_beat else ():
            if page.hello and not page.is_new:
                page.offer(protocol.heartbeat(looked.seq))
        if looked.has_more:
            self.woken.set()


def _unanswer(asked: Sequence[Asked]) -> None:
    """What a failed look owed to pages that said hello, the next one owes; a newer hello stands for itself."""
    for each in asked:
        if each.since is not None:
            each.page.is_new = True
