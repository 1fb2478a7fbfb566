"""What can be wrong with an order, in one sentence that names the field: for the API, the importer and the forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError


class OrderError(Exception):
    """The text is the sentence; `field` is what it is about, as callers name it, or empty."""

    status = 400

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Conflict(OrderError):
    """It is there already, and not the same."""

    status = 409


class Missing(OrderError):
    """There is no such thing in this organization."""

    status = 404


class NotAllowed(OrderError):
    """The state of the order forbids it."""


class Invalid(OrderError):
    """The input is not what a schema asks for: every problem, the first of them as the message."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems[0][1], problems[0][0])
        self.problems = list(problems)


def invalid(error: ValidationError) -> Invalid:
    problems = [_problem(dict(detail)) for detail in error.errors(include_url=False)]
    return Invalid(problems or [("", "The input is not valid.")])


def invalid_details(details: Sequence[Mapping[str, Any]]) -> Invalid:
    """Of an API's request, where the place begins with what the field is in: the body and its name, the query."""
    problems = []
    for detail in details:
        first, *rest = detail["loc"]
        problems.append(_problem({**detail, "loc": tuple(rest[1:] if first == "body" else rest)}))
    return Invalid(problems or [("", "The request is not valid.")])


def _problem(detail: Mapping[str, Any]) -> tuple[str, str]:
    field = field_name(detail["loc"])
    said = _SENTENCES.get(detail["type"])
    context: dict[str, Any] = detail.get("ctx") or {}
    if detail["type"] in {"value_error", "assertion_error"}:
        return field, _with_field(field, str(context["error"]))
    if said is None:
        return field, f"{field or 'The body'} is not valid: {detail['msg']}."
    return field, f"{field or 'The body'} {said.format(**_readable(context))}."


def field_name(location: Sequence[int | str]) -> str:
    """`order_items[0].quantity`, as people write it."""
    name = ""
    for part in location:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def _with_field(field: str, sentence: str) -> str:
    """A validator's own sentence goes on after the field's name; one about the whole input stands alone."""
    said = f"{field} {sentence}" if field and sentence[:1].islower() else sentence
    return said if said.endswith(".") else f"{said}."


def _readable(context: dict[str, Any]) -> dict[str, Any]:
    return {key: f"{value:,}" if isinstance(value, int) else value for key, value in context.items()}


_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a known field: remove it",
    "string_type": "must be a text",
    "string_unicode": "holds characters that are not valid Unicode",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "enum": "must be one of {expected}",
    "list_type": "must be a list",
    "too_short": "must hold at least {min_length} entry",
    "too_long": "must hold at most {max_length} entries",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "none_required": "must be null",
}
