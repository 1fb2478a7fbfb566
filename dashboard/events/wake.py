"""Tells the web processes that an organization has new events. Only a wake-up: they also look by themselves."""

from __future__ import annotations

import logging
import time
from functools import cache
from uuid import UUID

import redis
from django.conf import settings

CHANNEL = "countersign:events"
# While Redis is away, commits must not each wait for it.
_PAUSE_SECONDS = 1.0
_TIMEOUT_SECONDS = 0.25
_log = logging.getLogger(__name__)


class _Publisher:
    """One client per process; a publish is one short round trip, or nothing for a moment after a failure."""

    def __init__(self, url: str) -> None:
        self.client = redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS, retry=None
        )
        self.silent_until = 0.0

    def publish(self, message: str) -> None:
        if time.monotonic() < self.silent_until:
            return
        try:
            self.client.publish(CHANNEL, message)
        except redis.RedisError as error:
            self.silent_until = time.monotonic() + _PAUSE_SECONDS
            _log.warning("Redis did not take a wake-up (%s); pages follow within a second.", error)


@cache
def _publisher() -> _Publisher:
    return _Publisher(settings.REDIS_URL)


def wake(organization_id: UUID) -> None:
    _publisher().publish(str(organization_id))
