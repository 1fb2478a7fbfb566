"""One request as it leaves: everything the HTTP side needs, so that it never touches the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Departure:
    attempt_id: int
    delivery_id: int
    organization_id: UUID
    budget_id: int
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)  # they hold the secret
    content: bytes
    timeout: float
    claimed: float  # time.monotonic(), read before the claim read the database's clock
    body_limit: int
