"""What an upstream system must be able to say about itself.

One adapter per system; all that may differ at a real one sits there.

An adapter never talks HTTP and never decides when anything leaves: it turns a subject's state into the next call,
and an answer into an outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from dashboard.upstream.models import Attempt, Connection, Delivery

# What to do when no readable answer came (CONTRACTS 6).
OnUnknown = Literal["ask", "resend", "person"]


@dataclass(frozen=True)
class Call:
    """One HTTP request, built from the subject's current state."""

    operation: str
    method: str
    path: str  # appended to the connection's base URL
    revision: int  # of the subject, as it was read for this call
    on_unknown: OnUnknown
    body: Any = None
    claims: dict[str, Any] | None = None  # becomes Delivery.acknowledged if the upstream says yes
    body_limit: int = 1 << 20  # bytes of answer read at the most


@dataclass(frozen=True)
class NothingOwed:
    """The upstream already holds the subject's state, or never needs to hear of it."""

    reason: str
    withdrawn: bool = False  # True: it was never told and never will be (an order cancelled before it left)


@dataclass(frozen=True)
class CannotSend:
    """A person must change something first; shown like a refusal."""

    reason: str
    field: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back.

    `status` is None when no complete answer did; `sent` is False when the connection was never established.
    """

    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""
    sent: bool = True


@dataclass(frozen=True)
class Verdict:
    """What an answer means for the delivery.

    429, 401 and never-established connections are judged by the floor, not here.
    """

    outcome: Literal["delivered", "refused", "unknown"]
    detail: str = ""
    reason_field: str = ""
    remote_id: str = ""
    claims: dict[str, Any] | None = None  # replaces the call's claims where the answer says more


class Adapter(Protocol):
    system: str
    windows: Sequence[tuple[int, float]]  # (limit, seconds), shortest first
    reserve: Sequence[tuple[int, float]]

    def headers(self, connection: Connection, secret: str) -> dict[str, str]: ...

    def lock_subjects(self, deliveries: Iterable[Delivery]) -> None:
        """Lock the subjects' rows by pk, before the deliveries are locked (the one lock order).

        Only ever asked about deliveries of the adapter's own subjects; the floor's inquiries have none.
        """

    def build(self, delivery: Delivery) -> Call | NothingOwed | CannotSend:
        """The next call for a delivery, inside the claim transaction. Reads, never locks or writes.

        `delivery.connection` is loaded. One call may serve several deliveries (a batch): those become NothingOwed once
        `settled` has noted what the upstream now holds.
        """

    def read(self, attempt: Attempt, answer: Answer) -> Verdict:
        """Judge a complete 2xx or 4xx answer.

        Pure; ValueError, LookupError and TypeError mean that it can't be read.
        """

    def settled(self, delivery: Delivery, attempt: Attempt, answer: Answer | None) -> None:
        """The delivery's new state is saved; update what hangs on it, in the same transaction.

        `answer` is None when it was not the attempt's own answer that settled it, but an inquiry.
        """

    def inquiry(self, connection: Connection) -> Call | None:
        """The read that settles unknown outcomes of the whole connection, or None where there is none."""

    def answers(self, answer: Answer) -> Any:
        """Parse an inquiry's answer, outside any transaction; raises ValueError when it can't be read."""

    def found(self, delivery: Delivery, parsed: Any) -> Verdict | None:
        """What an inquiry says about one unknown delivery: a Verdict for yes, None for no."""

    def subject_refs(self, deliveries: Iterable[Delivery]) -> dict[int, str]:
        """Event subject per delivery id: "order:<uuid>" for everything that hangs on an order."""
