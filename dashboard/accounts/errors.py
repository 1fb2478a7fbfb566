"""What accounts refuse, each in one sentence that a person can act on."""

from __future__ import annotations


class AccountError(Exception):
    """`field` names the form field or option that it is about, if one."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
