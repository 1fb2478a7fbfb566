"""Stands before Django: under a flood a few requests are answered well, some wait, and the rest are told to come back.

Without it every request gets a thread and a database connection of its own, and all of them time out together.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

RETRY_AFTER_SECONDS = 2
LIVENESS = "/health"  # a full house is alive: who restarts it for that only makes it worse
SENTENCE = "The server is at capacity. Nothing was changed; try again in a moment."
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class Gate:
    """`in_flight` requests run at once, `waiting` queue up in the order they came in. HTTP only: sockets live long."""

    def __init__(self, application: Application, *, in_flight: int, waiting: int) -> None:
        self._application = application
        self._in_flight = in_flight
        self._most_at_once = in_flight + waiting
        self._present = 0
        self._slots: asyncio.Semaphore | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == LIVENESS:
            await self._application(scope, receive, send)
        elif self._present >= self._most_at_once:
            await refuse(scope, send)
        else:
            await self._let_in(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._slots is None:
            self._slots = asyncio.Semaphore(self._in_flight)  # belongs to the event loop that serves
        self._present += 1
        try:
            async with self._slots:
                await self._application(scope, receive, send)
        finally:
            self._present -= 1


async def refuse(scope: Scope, send: Send) -> None:
    content_type, body = _page() if _wants_page(scope) else ("application/json", _json(scope["path"]))
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "retry-after": str(RETRY_AFTER_SECONDS),
        "cache-control": "no-store",
        "x-request-id": _request_id(scope),
    }
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": HTTPStatus.SERVICE_UNAVAILABLE.value, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key.lower() == name), b"")


def _request_id(scope: Scope) -> str:
    given = _header(scope, b"x-request-id")
    return given.decode() if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _wants_page(scope: Scope) -> bool:
    return b"text/html" in _header(scope, b"accept")


def _page() -> tuple[str, bytes]:
    """Plain on purpose: it must cost nothing, so no template and no static file."""
    page = f'<!doctype html><html lang="en"><title>At capacity</title><h1>At capacity</h1><p>{SENTENCE}</p></html>'
    return "text/html; charset=utf-8", page.encode()


def _json(path: str) -> bytes:
    """Each API in the words of its own contract."""
    if path.startswith("/api/"):
        return json.dumps({"statusCode": 503, "message": SENTENCE, "error": "Service Unavailable"}).encode()
    if path.startswith("/v1/"):
        return json.dumps({"error": "at_capacity", "message": SENTENCE}).encode()
    return json.dumps({"error": {"code": "AT_CAPACITY", "message": SENTENCE}}).encode()
