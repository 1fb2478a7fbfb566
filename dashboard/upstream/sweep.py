"""Attempts whose deadline passed without an answer being written down: the process that asked is gone.

The rival is a recorder that is late with an answer; whoever updates the attempt first has decided.
"""

from __future__ import annotations

from datetime import timedelta

from dashboard.upstream.adapters import Answer
from dashboard.upstream.clock import database_now
from dashboard.upstream.models import Attempt
from dashboard.upstream.settle import settle
from dashboard.upstream.unknown import ask_where_nobody_does

# Recorders write an answer down within this, unless their process is gone.
GRACE = timedelta(seconds=0.5)
_AT_ONCE = 200


def overdue() -> list[int]:
    attempts = Attempt.objects.filter(outcome="", deadline_at__lt=database_now() - GRACE)
    return list(attempts.order_by("deadline_at").values_list("pk", flat=True)[:_AT_ONCE])


def sweep() -> int:
    """How many it settled. Safe to run anywhere, any number of times."""
    gone = Answer(status=None, error="No answer was written down before the deadline: the process that sent it ended.")
    settled = sum(settle(attempt_id=pk, answer=gone) for pk in overdue())
    ask_where_nobody_does()
    return settled
