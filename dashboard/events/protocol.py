"""What goes over the live socket: one message from the page (`hello`), five to it. Anything else closes the socket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Message = dict[str, Any]

# Close codes: the page sent something that is not in this protocol; the person may not look any more.
NOT_UNDERSTOOD = 4400
NOT_ALLOWED = 4403
# 200 references and their frame stay far below it.
LONGEST_MESSAGE = 32 * 1024
# Seconds within which a crowd of pages comes back: full jitter, so that they don't come at once.
RELOAD_WITHIN = (0.2, 5)

_Ref = Annotated[str, Field(max_length=120, pattern=r"^[a-z][a-z0-9_-]*:[A-Za-z0-9_.-]+$")]
_Name = Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9_-]*$")]


class Hello(BaseModel):
    """What a page shows, and the seq up to which what it shows is true. Sent again whenever that changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    type: Literal["hello"]
    seq: Annotated[int, Field(ge=0)]
    regions: Annotated[list[_Ref], Field(max_length=200)] = []
    gauges: Annotated[list[_Ref], Field(max_length=20)] = []
    lists: Annotated[list[_Name], Field(max_length=10)] = []


def current(seq: int) -> Message:
    return {"type": "current", "seq": seq}


def heartbeat(seq: int) -> Message:
    return {"type": "heartbeat", "seq": seq}


def frame(seq: int, html: Iterable[str], lists: Mapping[str, int], badges: Mapping[str, int]) -> Message:
    return {"type": "frame", "seq": seq, "html": list(html), "lists": dict(lists), "badges": dict(badges)}


def reload() -> Message:
    return {"type": "reload", "jitter": list(RELOAD_WITHIN)}
