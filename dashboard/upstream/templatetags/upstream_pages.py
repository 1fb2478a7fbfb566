"""How deliveries and attempts read on a page. Nothing that an upstream may have sent as a secret is shown."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

from django import template
from django.core.exceptions import ObjectDoesNotExist

from dashboard.upstream.models import Attempt, Connection, Delivery

register = template.Library()

State, Outcome = Delivery.State, Attempt.Outcome
STATE_TONES = {
    State.WAITING: "info",
    State.RETRYING: "warning",
    State.SENDING: "progress",
    State.UNKNOWN: "warning",
    State.DELIVERED: "success",
    State.REFUSED: "danger",
    State.GIVEN_UP: "danger",
    State.WITHDRAWN: "neutral",
}
OUTCOME_TONES = {
    "": "progress",
    Outcome.DELIVERED: "success",
    Outcome.REFUSED: "danger",
    Outcome.RETRYING: "warning",
    Outcome.UNKNOWN: "warning",
    Outcome.NOT_SENT: "neutral",
}
MASKED_HEADERS = frozenset({"set-cookie", "authorization", "x-api-key", "proxy-authenticate", "www-authenticate"})


@dataclass(frozen=True)
class Said:
    """One exchange, fit to be shown."""

    curl: str
    response_headers: dict[str, Any]
    response_body: str
    response_label: str


@register.filter
def state_tone(delivery: Delivery) -> str:
    return STATE_TONES[State(delivery.state)]


@register.filter
def outcome_tone(attempt: Attempt) -> str:
    return OUTCOME_TONES[attempt.outcome]


@register.filter
def outcome_label(attempt: Attempt) -> str:
    return attempt.get_outcome_display() if attempt.outcome else "In flight"


@register.filter
def seconds(attempt: Attempt) -> float | None:
    return (attempt.answered_at - attempt.claimed_at).total_seconds() if attempt.answered_at else None


@register.filter
def exchange(attempt: Attempt) -> Said | None:
    """None once it was erased. The request's headers are never stored, so the key can't be shown."""
    try:
        found = attempt.exchange
    except ObjectDoesNotExist:
        return None
    parts = ["curl", "-X", found.method, found.url, "-H", "x-api-key: $KEY"]
    if found.request_body:
        parts += ["-H", "content-type: application/json", "--data", found.request_body]
    headers = {
        name: "(not shown)" if name.lower() in MASKED_HEADERS else value
        for name, value in found.response_headers.items()
    }
    label = f"Response {attempt.status}" if attempt.status else "Response"
    return Said(" ".join(shlex.quote(part) for part in parts), headers, found.response_body, label)


@register.simple_tag(takes_context=True)
def paused_connections(context: template.Context) -> list[Connection]:
    """For the banner on every page about orders: what sends nothing, because its key was refused say."""
    member = getattr(context.get("request"), "member", None)
    if member is None:
        return []
    return list(Connection.objects.filter(organization=member.organization, state=Connection.State.PAUSED))
