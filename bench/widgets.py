"""The smallest thing that can be relayed: a widget is its id. For the bench, and for tests of the floor alone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.registry import Domain
from dashboard.upstream.adapters import Answer, Call, CannotSend, NothingOwed, OnUnknown, Verdict
from dashboard.upstream.models import Attempt, Connection, Delivery


@dataclass
class Workshop:
    """What widgets are like right now: subjects without a table of their own."""

    cancelled: set[uuid.UUID] = field(default_factory=set)
    unsendable: set[uuid.UUID] = field(default_factory=set)
    unbuildable: set[uuid.UUID] = field(default_factory=set)
    settled: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    offers_read: bool = True


class WidgetAdapter:
    def __init__(
        self,
        windows: Sequence[tuple[int, float]] = ((15, 1.0), (300, 60.0), (4000, 3600.0)),
        reserve: Sequence[tuple[int, float]] = ((1, 1.0), (9, 60.0), (20, 3600.0)),
        system: str = "hesh",
    ) -> None:
        self.system = system
        self.windows = windows
        self.reserve = reserve
        self.workshop = Workshop()

    def headers(self, connection: Connection, secret: str) -> dict[str, str]:
        return {"x-api-key": secret}

    def lock_subjects(self, deliveries: Iterable[Delivery]) -> None:
        """A widget has no row."""

    def build(self, delivery: Delivery) -> Call | NothingOwed | CannotSend:
        widget, shop = delivery.subject_id, self.workshop
        if widget in shop.unbuildable:
            raise KeyError(widget)
        if widget in shop.unsendable:
            return CannotSend("Give it a colour.", "colour")
        if delivery.subject_type == "drawing":
            return self._call(delivery, "draw", "POST", f"/widgets/{widget}/drawings", "person")
        if widget in shop.cancelled:
            return self._cancel(delivery)
        if delivery.acknowledged is None:
            return self._call(delivery, "create", "POST", "/widgets", "ask")
        return self._call(delivery, "update", "PATCH", f"/widgets/{widget}", "resend")

    def _cancel(self, delivery: Delivery) -> Call | NothingOwed:
        if delivery.acknowledged is None:
            return NothingOwed("It was never sent.", withdrawn=True)
        return self._call(delivery, "cancel", "DELETE", f"/widgets/{delivery.subject_id}", "ask")

    def _call(self, delivery: Delivery, operation: str, method: str, path: str, on_unknown: OnUnknown) -> Call:
        body = {"id": str(delivery.subject_id), "revision": delivery.revision}
        claims = {"revision": delivery.revision}
        return Call(operation, method, path, delivery.revision, on_unknown, body=body, claims=claims)

    def read(self, attempt: Attempt, answer: Answer) -> Verdict:
        said: dict[str, Any] = json.loads(answer.body)
        if answer.status is not None and answer.status < 300:
            return Verdict("delivered", remote_id=said["id"])
        return Verdict("refused", detail=said["message"], reason_field=said.get("field", ""))

    def settled(self, delivery: Delivery, attempt: Attempt, answer: Answer | None) -> None:
        self.workshop.settled.append((delivery.subject_id, delivery.state))

    def inquiry(self, connection: Connection) -> Call | None:
        return Call("list", "GET", "/widgets", 0, "resend", body_limit=1 << 24) if self.workshop.offers_read else None

    def answers(self, answer: Answer) -> dict[str, bool]:
        return {widget["id"]: widget["cancelled"] for widget in json.loads(answer.body)}

    def found(self, delivery: Delivery, parsed: dict[str, bool]) -> Verdict | None:
        cancelled = parsed.get(str(delivery.subject_id))
        is_there = cancelled is not None if delivery.operation == "create" else cancelled is True
        return Verdict("delivered", remote_id=str(delivery.subject_id)) if is_there else None

    def subject_refs(self, deliveries: Iterable[Delivery]) -> dict[int, str]:
        return {delivery.pk: f"widget:{delivery.subject_id}" for delivery in deliveries}


def widget_domain(adapter: WidgetAdapter) -> Domain:
    return Domain(name="widgets", adapters=(adapter,), subject_types=("widget",))
