"""Exact sliding windows per caller, counted in one place for all processes and on one clock, Redis'.

Never more than `limit` calls are admitted in any span of a window. Going over blocks the caller until that window has
room again, and every call during the block moves its end to a full window after that call.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from dashboard.throttling.local_windows import LocalWindows, Verdict, Window

log = logging.getLogger(__name__)

_SCRIPT = (Path(__file__).parent / "windows.lua").read_text()
_TIMEOUT_SECONDS = 0.5
_TRY_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Taken:
    """What a caller may know: the window with the least remaining, and when it has room again."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    retry_after: int | None

    def headers(self) -> dict[str, str]:
        described = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_seconds),
        }
        return described if self.retry_after is None else {**described, "Retry-After": str(self.retry_after)}


class WindowLimiter:
    """One set of windows under one name; `take` counts a call of one caller. Safe in threads, cheap to keep."""

    def __init__(self, name: str, windows: Sequence[Window]) -> None:
        self._name = name
        self._windows = tuple(sorted(windows, key=lambda window: window[1]))
        self._local = LocalWindows(self._windows)
        self._away_until = 0.0

    def take(self, key: str) -> Taken:
        """Redis emptied: the windows begin anew, as there is nothing left to count by.

        Redis away: this process counts alone, by the same rules. Refusing everyone would turn a lost counter into lost
        orders, admitting everyone would drop the windows altogether; so the most that can be admitted meanwhile is
        the limit times the number of processes.
        """
        verdict = self._from_redis(key) if time.monotonic() >= self._away_until else None
        return _told(verdict or self._local.take(key))

    def _from_redis(self, key: str) -> Verdict | None:
        calls = f"window:{self._name}:{{{key}}}"
        try:
            allowed, limit, remaining, micros = self._script(keys=[calls, f"{calls}:block"], args=self._arguments)
        except redis.RedisError as error:
            self._away_until = time.monotonic() + _TRY_AGAIN_SECONDS
            log.warning("Rate limits of %s are counted in this process only, as Redis is away: %s", self._name, error)
            return None
        return Verdict(bool(allowed), limit, remaining, micros / 1_000_000)

    @cached_property
    def _script(self) -> Script:
        # One retry without a pause: a connection that a restarted Redis has closed is no failure.
        client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 1),
        )
        return client.register_script(_SCRIPT)

    @cached_property
    def _arguments(self) -> list[int]:
        return [number for limit, seconds in self._windows for number in (limit, round(seconds * 1_000_000))]


def _told(verdict: Verdict) -> Taken:
    """Whole seconds, rounded up: whoever waits that long is admitted."""
    seconds = max(1, math.ceil(verdict.reset))
    return Taken(verdict.allowed, verdict.limit, verdict.remaining, seconds, None if verdict.allowed else seconds)
