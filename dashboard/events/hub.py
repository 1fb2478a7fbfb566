"""One per web process: which organizations have pages open, who wakes their feeds, and on which threads they read.

Redis only wakes. Without it every feed still looks once a second, so nothing here is ever lost with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connections
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from dashboard.events.feed import Feed
from dashboard.events.page import Page
from dashboard.events.wake import CHANNEL

_THREADS = 2
_REDIS_PAUSE_SECONDS = 1.0
_HEAR_SECONDS = 1.0
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Hub:
    def __init__(self) -> None:
        self.feeds: dict[UUID, Feed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Task[None] | None = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="live")

    def join(self, page: Page) -> Feed:
        organization = page.member.organization
        feed = self.feeds.get(organization.pk)
        if feed is None:
            feed = self.feeds[organization.pk] = Feed(organization, self._in_thread)
            feed.pages.add(page)
            self._start(self._run(feed))
        feed.pages.add(page)
        if self._listener is None:
            self._listener = self._start(self._listen())
        return feed

    @staticmethod
    def leave(page: Page, feed: Feed) -> None:
        feed.pages.discard(page)
        feed.woken.set()

    async def _run(self, feed: Feed) -> None:
        try:
            await feed.run()
        finally:
            # No await since the last page left, so nobody can have joined in between.
            del self.feeds[feed.organization.pk]
            if not self.feeds and self._listener:
                self._listener.cancel()
                self._listener = None

    async def _listen(self) -> None:
        while self._is_listener():
            try:
                async with Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    await self._hear(subscription)
            except (RedisError, OSError) as error:
                _log.warning("Redis can't be heard (%s); open pages follow within a second.", error)
                await asyncio.sleep(_REDIS_PAUSE_SECONDS)

    async def _hear(self, subscription: PubSub) -> None:
        """In short waits: redis-py loses a cancellation that comes together with a message."""
        while self._is_listener():
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=_HEAR_SECONDS)
            if message:
                self._wake(message["data"])

    def _is_listener(self) -> bool:
        return self._listener is asyncio.current_task()

    def _wake(self, data: object) -> None:
        if isinstance(data, bytes) and (feed := self.feeds.get(UUID(data.decode()))):
            feed.woken.set()

    async def _in_thread(self, read: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _with_own_connection, read)

    def _start(self, running: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(running)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The running loop's own."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def _with_own_connection(read: Callable[[], _T]) -> _T:
    """Back to the pool after every look: a thread that sleeps must not hold one."""
    try:
        return read()
    finally:
        connections.close_all()
