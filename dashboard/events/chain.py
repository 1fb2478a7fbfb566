"""The hash chain: what exactly a row's hash covers, and how a run of rows is checked. No Django and no database here.

    hash(row) = BLAKE3( "countersign-event/v1\\0" || hash(row before) || JCS(row without hash) )

Before row 1 stand 32 zero bytes. The JSON object is `Row.document()`; bodies take part through their hash only, so one
can be erased and the chain still verifies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from blake3 import blake3

from dashboard.events.canonical_json import Json, canonical_json

DOMAIN = b"countersign-event/v1\0"
GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the chain sees it."""

    organization: str
    seq: int
    at: datetime
    kind: str
    actor: str
    subject: str
    request_id: str
    data: Json
    body_hash: bytes

    def document(self) -> dict[str, Json]:
        return {
            "organization": self.organization,
            "seq": self.seq,
            "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "kind": self.kind,
            "actor": self.actor,
            "subject": self.subject,
            "request_id": self.request_id,
            "data": self.data,
            "body_hash": self.body_hash.hex(),
        }


@dataclass(frozen=True, slots=True)
class Link:
    """A stored row: what it says, the hash it carries, and its body where that was not erased."""

    row: Row
    hash: bytes
    body: str | None = None

    def follows(self, previous: bytes) -> bool:
        return self.hash == event_hash(previous, self.row) and (
            self.body is None or body_hash(self.body) == self.row.body_hash
        )


@dataclass(frozen=True, slots=True)
class Walked:
    rows: int
    seq: int
    head: bytes
    first_bad_seq: int | None = None


def event_hash(previous: bytes, row: Row) -> bytes:
    return blake3(DOMAIN + previous + canonical_json(row.document())).digest()


def body_hash(text: str) -> bytes:
    return blake3(text.encode()).digest()


def walk(links: Iterable[Link]) -> Walked:
    """Reads to the end, or to the first row that is not what must stand there; a missing row counts as that row."""
    rows, seq, head = 0, 0, GENESIS
    for link in links:
        if link.row.seq != seq + 1 or not link.follows(head):
            return Walked(rows, seq, head, first_bad_seq=min(link.row.seq, seq + 1))
        rows, seq, head = rows + 1, link.row.seq, link.hash
    return Walked(rows, seq, head)
