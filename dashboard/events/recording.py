"""How every change is written down: one transaction, its events appended as its last statements.

`record()` only collects. At the end the organization's chain head is locked, everything is appended with gap-free seq
in one go, and the head moves. Locking earlier would make writers of one organization wait for, and deadlock with, each
other. Lock order everywhere: subjects by pk, deliveries by pk, budget, chain head.

A bulk command is one event about its job: the ids of what it touched go into `data["ids"]`, and the part of the kind
before the dot says what they are ids of. Pages and timelines follow that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from dashboard.accounts.models import ApiKey, Organization, User
from dashboard.events.append import Draft, append
from dashboard.events.wake import wake
from dashboard.registry import registry


@dataclass(frozen=True)
class Actor:
    """Who acts: `user:<uuid>`, `key:<uuid>` or `system`, and under which request."""

    ref: str
    request_id: str = ""

    @classmethod
    def of_user(cls, user: User, request_id: str = "") -> Actor:
        return cls(f"user:{user.pk}", request_id)

    @classmethod
    def of_key(cls, key: ApiKey, request_id: str = "") -> Actor:
        return cls(f"key:{key.pk}", request_id)

    @classmethod
    def of_request(cls, request: HttpRequest) -> Actor:
        """An API's authentication leaves its key in `request.auth`; everyone else is a signed-in person."""
        request_id = str(getattr(request, "request_id", ""))[:64]
        key = getattr(request, "auth", None)
        if isinstance(key, ApiKey):
            return cls.of_key(key, request_id)
        if isinstance(request.user, User):
            return cls.of_user(request.user, request_id)
        raise ValueError(
            "This request has neither an API key nor a signed-in user, so nobody can be named as its actor."
        )


SYSTEM = Actor("system")


@dataclass
class Log:
    """What one transaction has to say about one organization."""

    organization: Organization
    actor: Actor
    drafts: list[Draft] = field(default_factory=list)
    is_open: bool = True

    def record(
        self,
        kind: str,
        *,
        subject: str,
        data: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> None:
        """`data` holds ids, numbers and enums for ever; whatever tells about people or content belongs in `body`."""
        if not self.is_open:
            raise RuntimeError(f"{kind} was recorded after its recording() had ended, so it belongs to no transaction.")
        registry.sentence(kind)
        self.drafts.append(
            Draft.of(
                kind=kind,
                actor=self.actor.ref,
                subject=subject,
                request_id=self.actor.request_id,
                data=data or {},
                body=body,
            )
        )

    def after_commit(self, wake_up: Callable[[], object]) -> None:
        """For wake-ups only: it may be lost with the process, and its failure is logged and otherwise ignored."""
        transaction.on_commit(wake_up, robust=True)


@dataclass
class _Transaction:
    """The outermost recording() and those that joined it."""

    logs: dict[UUID, Log] = field(default_factory=dict)

    def log_of(self, organization: Organization, actor: Actor) -> Log:
        return self.logs.setdefault(organization.pk, Log(organization, actor))

    def marks(self) -> dict[UUID, int]:
        return {pk: len(log.drafts) for pk, log in self.logs.items()}

    def forget_since(self, marks: Mapping[UUID, int]) -> None:
        for pk, log in self.logs.items():
            del log.drafts[marks.get(pk, 0) :]

    def close(self) -> None:
        for log in self.logs.values():
            log.is_open = False

    def append(self) -> None:
        # By organization id: two transactions that write to the same two organizations must not wait for each other.
        for pk in sorted(pk for pk, log in self.logs.items() if log.drafts):
            append(pk, self.logs[pk].drafts)
            transaction.on_commit(partial(wake, pk), robust=True)


_current: ContextVar[_Transaction | None] = ContextVar("recording", default=None)


@contextmanager
def recording(organization: Organization, actor: Actor) -> Iterator[Log]:
    """Opens one transaction, or joins the one around it: then the outer actor stays, and only the outermost appends."""
    outer = _current.get()
    with _opened(organization, actor) if outer is None else _joined(outer, organization, actor) as log:
        yield log


@contextmanager
def _opened(organization: Organization, actor: Actor) -> Iterator[Log]:
    current = _Transaction()
    token = _current.set(current)
    try:
        with transaction.atomic():
            yield current.log_of(organization, actor)
            current.close()
            current.append()
    finally:
        current.close()
        _current.reset(token)


@contextmanager
def _joined(outer: _Transaction, organization: Organization, actor: Actor) -> Iterator[Log]:
    marks = outer.marks()
    try:
        with transaction.atomic():
            yield outer.log_of(organization, actor)
    except BaseException:
        # Its savepoint is rolled back; if the caller goes on, what did not happen must not be said.
        outer.forget_since(marks)
        raise
