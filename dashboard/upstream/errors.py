"""What a service says when it refuses: one sentence, and the field it is about."""

from __future__ import annotations


class UpstreamError(Exception):
    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
