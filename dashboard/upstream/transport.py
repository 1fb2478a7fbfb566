"""HTTP to upstreams: one asyncio thread per process, which never touches the database.

A request's deadline counts from its claim. What has not begun a second after it is not sent: the process stood
still, and the ledger must not be stretched by a latecomer.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import httpx

from dashboard.upstream.adapters import Answer
from dashboard.upstream.departure import Departure
from dashboard.upstream.guarded_network import upstream_client

LATEST_START_SECONDS = 1.0
NOT_BEGUN = "It was not sent: this process stood still for a second after the claim."

Deliver = Callable[[Departure, Answer], None]


class _TooLateToSend(Exception):
    """Raised from inside the HTTP client, just before it would write the request."""


class _Trace:
    """Learns from the client whether the request has begun to leave; and stops it if its time is over by then."""

    def __init__(self, departure: Departure) -> None:
        self._departure = departure
        self.begun = False

    async def __call__(self, name: str, _: object) -> None:
        if name.endswith("send_request_headers.started"):
            # After a standstill I/O that became ready runs before the timer that has run out.
            if time.monotonic() - self._departure.claimed >= self._departure.timeout:
                raise _TooLateToSend
            self.begun = True


async def exchange(client: httpx.AsyncClient, departure: Departure) -> Answer:
    """One request, at most once, and what came of it. Never raises for what a network or an upstream can do."""
    waited = time.monotonic() - departure.claimed
    if waited > LATEST_START_SECONDS:
        return Answer(status=None, error=NOT_BEGUN, sent=False)
    trace = _Trace(departure)
    try:
        async with asyncio.timeout(departure.timeout - waited):
            return await _ask(client, departure, trace)
    except TimeoutError:
        error = f"No answer within {departure.timeout:g} s."
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, _TooLateToSend, OSError, ValueError) as failed:
        error = f"{_words(failed, begun=trace.begun)}"
    return Answer(status=None, error=error, sent=trace.begun)


async def _ask(client: httpx.AsyncClient, departure: Departure, trace: _Trace) -> Answer:
    request = client.build_request(
        departure.method,
        departure.url,
        headers=dict(departure.headers),
        content=departure.content or None,
        extensions={"trace": trace},
    )
    response = await client.send(request, stream=True)
    try:
        body, complete = await _body(response, departure.body_limit)
    finally:
        await response.aclose()
    headers = {name.lower(): value for name, value in response.headers.items()}
    error = "" if complete else f"The answer is longer than {departure.body_limit} bytes."
    return Answer(status=response.status_code, headers=headers, body=body, error=error)


async def _body(response: httpx.Response, limit: int) -> tuple[bytes, bool]:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > limit:
            return bytes(body[:limit]), False
    return bytes(body), True


def _words(error: Exception, *, begun: bool) -> str:
    said = str(error).strip() or type(error).__name__
    return f"The connection broke before a complete answer came: {said}" if begun else f"No connection: {said}"


class Transport:
    """The thread. `deliver` is called on it with each answer and must only queue it."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="upstream-http", daemon=True)
        self._pending = 0
        self._none_pending = threading.Condition()
        # Loading the certificates takes a while that no request's deadline should pay for.
        self._client = upstream_client()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread.start()

    def send(self, departure: Departure) -> None:
        with self._none_pending:
            self._pending += 1
        self._loop.call_soon_threadsafe(self._begin, departure)

    def wait_until_idle(self, seconds: float) -> bool:
        with self._none_pending:
            return self._none_pending.wait_for(lambda: self._pending == 0, timeout=seconds)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _begin(self, departure: Departure) -> None:
        task = self._loop.create_task(self._exchange(departure))
        # The loop itself holds tasks only weakly.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _exchange(self, departure: Departure) -> None:
        try:
            self._deliver(departure, await exchange(self._client, departure))
        finally:
            with self._none_pending:
                self._pending -= 1
                self._none_pending.notify_all()
