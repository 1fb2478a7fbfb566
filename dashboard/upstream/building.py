"""From a delivery to its request.

The adapter says what to send, the floor adds the address, the secret and the attempt.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dashboard.registry import registry
from dashboard.upstream.adapters import Call, CannotSend, NothingOwed
from dashboard.upstream.departure import Departure
from dashboard.upstream.inquiries import OWN_SUBJECTS
from dashboard.upstream.models import Attempt, Budget, Delivery, Exchange
from dashboard.upstream.sealing import SealBroken, unseal

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Built:
    delivery: Delivery
    call: Call
    headers: dict[str, str]
    content: bytes
    request_id: str

    @property
    def url(self) -> str:
        return self.delivery.connection.base_url + self.call.path

    def attempt(self, budget: Budget, now: datetime) -> Attempt:
        delivery, call = self.delivery, self.call
        return Attempt(
            organization_id=delivery.organization_id,
            connection_id=delivery.connection_id,
            budget_id=budget.pk,
            delivery_id=delivery.pk,
            operation=call.operation,
            revision=call.revision,
            claims=call.claims,
            urgent=delivery.urgent,
            on_unknown=call.on_unknown,
            claimed_at=now,
            deadline_at=now + timedelta(seconds=delivery.connection.timeout_seconds),
            request_id=self.request_id,
        )

    def exchange(self, attempt: Attempt) -> Exchange:
        return Exchange(
            attempt_id=attempt.pk, method=self.call.method, url=self.url[:600], request_body=self.content.decode()
        )

    def departure(self, attempt: Attempt, claimed: float) -> Departure:
        return Departure(
            attempt_id=attempt.pk,
            delivery_id=self.delivery.pk,
            organization_id=self.delivery.organization_id,
            budget_id=attempt.budget_id,
            method=self.call.method,
            url=self.url,
            headers=self.headers,
            content=self.content,
            timeout=self.delivery.connection.timeout_seconds,
            claimed=claimed,
            body_limit=self.call.body_limit,
        )


def next_step(delivery: Delivery) -> Call | NothingOwed | CannotSend:
    """What the adapter wants to do next. An adapter that fails on one subject must not stop all the others."""
    adapter = registry.adapter(delivery.connection.system)
    try:
        if delivery.subject_type not in OWN_SUBJECTS:
            return adapter.build(delivery)
        read = adapter.inquiry(delivery.connection)
        # Sent again, not asked about: it is a read.
        return (
            replace(read, revision=delivery.revision, on_unknown="resend")
            if read
            else NothingOwed("It offers no read.")
        )
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        _log.exception("No call could be built for delivery %s", delivery.pk)
        return CannotSend(f"No request could be built from its present state: {type(error).__name__}.")


def build(delivery: Delivery) -> Built | None:
    """The request, or None where no call is needed or possible; why is found again when it is settled."""
    call = next_step(delivery)
    if not isinstance(call, Call):
        return None
    try:
        secret = unseal(delivery.connection.sealed_secret)
    except SealBroken:
        return None
    request_id = delivery.request_id or uuid.uuid4().hex
    headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "Countersign"}
    content = b""
    if call.body is not None:
        content = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers["content-type"] = "application/json"
    headers |= registry.adapter(delivery.connection.system).headers(delivery.connection, secret)
    headers["x-request-id"] = request_id
    return Built(delivery, call, headers, content, request_id)
