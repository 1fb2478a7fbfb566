"""The same windows inside one process: what counts while Redis is away."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Window = tuple[int, float]  # (limit, seconds)


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    limit: int
    remaining: int
    reset: float


@dataclass
class _Caller:
    calls: list[float] = field(default_factory=list)
    blocked_until: float = 0.0
    blocked_by: Window = (0, 0.0)


class LocalWindows:
    """Behaves as windows.lua does; what it counts is forgotten with the process."""

    def __init__(self, windows: Sequence[Window], clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = windows
        self._clock = clock
        self._callers: dict[str, _Caller] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> Verdict:
        with self._lock:
            now = self._clock()
            caller = self._callers.setdefault(key, _Caller())
            if now < caller.blocked_until:
                return _block(caller, caller.blocked_by, now + caller.blocked_by[1], now)
            del caller.calls[: bisect_right(caller.calls, now - self._windows[-1][1])]
            return self._admit(caller, now)

    def _admit(self, caller: _Caller, now: float) -> Verdict:
        fits, full = [], []
        for limit, seconds in self._windows:
            used = len(caller.calls) - bisect_right(caller.calls, now - seconds)
            if used >= limit:
                full.append((caller.calls[-limit] + seconds, (limit, seconds)))
            else:
                reset = caller.calls[-used] + seconds - now if used else seconds
                fits.append((limit - used - 1, -reset, limit))
        if full:
            until, window = max(full)
            return _block(caller, window, until, now)
        caller.calls.append(now)
        remaining, reset, limit = min(fits)
        return Verdict(allowed=True, limit=limit, remaining=remaining, reset=-reset)


def _block(caller: _Caller, window: Window, until: float, now: float) -> Verdict:
    caller.blocked_until, caller.blocked_by = until, window
    return Verdict(allowed=False, limit=window[0], remaining=0, reset=until - now)
