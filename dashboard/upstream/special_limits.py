"""Stricter limits of one operation, announced by an X-RateLimit-Limit that is none of the budget's windows."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.upstream.models import Bucket, Budget


class SpecialLimits:
    """Read and written with the budget row locked.

    Its window is unknown: what the reset said at its longest is taken for it.
    """

    def __init__(self, budget: Budget, now: datetime) -> None:
        self._now = now
        self._buckets = {bucket.operation: bucket for bucket in budget.buckets.all()}
        self._changed: set[str] = set()

    def admits(self, operation: str) -> bool:
        bucket = self._buckets.get(operation)
        if bucket is None:
            return True
        self._changed.add(operation)
        if bucket.resets_at <= self._now:
            bucket.remaining = bucket.limit
            bucket.resets_at = self._now + timedelta(seconds=bucket.seconds)
        if bucket.remaining == 0:
            return False
        bucket.remaining -= 1
        return True

    def resets_at(self, operation: str) -> datetime:
        return self._buckets[operation].resets_at

    def save(self) -> None:
        Bucket.objects.bulk_update([self._buckets[name] for name in self._changed], ["remaining", "resets_at"])
