"""The Public API's words: JSON bodies and errors, `{statusCode, message, error}` whatever went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpResponse


def json_reply(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")


def message_reply(message: str, status: int = 200) -> HttpResponse:
    return json_reply({"message": message}, status)


def error_reply(status: int, message: str) -> HttpResponse:
    return json_reply({"statusCode": status, "message": message, "error": HTTPStatus(status).phrase}, status)
