"""Every answer says which request it belongs to: a person can quote it, support finds its events and log lines."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-Id"
# Anything else could smuggle line breaks or markup into logs and pages.
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")


def accepted_or_new(given: str | None) -> str:
    return given if given and _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex


@sync_and_async_middleware
def request_id_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):
        answer = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", get_response)

        async def middleware_async(request: HttpRequest) -> HttpResponseBase:
            with _named(request):
                return _stamp(request, await answer(request))

        return middleware_async

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with _named(request):
            return _stamp(request, get_response(request))

    return middleware


@contextmanager
def _named(request: HttpRequest) -> Iterator[None]:
    request_id = accepted_or_new(request.headers.get(HEADER))
    request.__dict__["request_id"] = request_id
    token = current_request_id.set(request_id)
    try:
        yield
    finally:
        current_request_id.reset(token)


def _stamp(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response[HEADER] = request.__dict__["request_id"]
    return response


class RequestIdFilter(logging.Filter):
    """Gives every log line the id of the request it was written for, `-` outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs a failed request after its middleware has ended, but names it.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", "") or current_request_id.get() or "-"
        return True
