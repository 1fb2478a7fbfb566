"""The gate: some run, some wait, the rest are told to come back; sockets and lifespan pass by."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from dashboard.throttling.gate import Gate


class Slow:
    """An application that answers when it is told to, and knows how many it served at once."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.running = self.most_running = self.served = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.may_answer.wait()
            if scope["path"] == "/breaks":
                raise RuntimeError("a bug")
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"ok"})
            self.served += 1
        finally:
            self.running -= 1


class Visit:
    """One request and what came back."""

    def __init__(self, path: str = "/orders", method: str = "GET", kind: str = "http", **headers: str) -> None:
        encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.scope = {"type": kind, "path": path, "method": method, "headers": encoded}
        self.messages: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    async def to(self, gate: Gate) -> Visit:
        await gate(self.scope, None, self.send)
        return self

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return bytes(self.messages[1]["body"])


async def full(application: Slow) -> tuple[Gate, list[asyncio.Task[Visit]]]:
    gate = Gate(application, in_flight=2, waiting=3)
    visits = [asyncio.create_task(Visit().to(gate)) for _ in range(5)]
    await asyncio.sleep(0)
    return gate, visits


async def test_two_run_three_wait_and_all_are_served() -> None:
    application = Slow()
    _, visits = await full(application)
    assert application.running == 2
    application.may_answer.set()
    assert [visit.status for visit in await asyncio.gather(*visits)] == [200] * 5
    assert application.most_running == 2


async def test_the_sixth_is_told_to_come_back() -> None:
    application = Slow()
    gate, visits = await full(application)
    refused = await Visit(x_request_id="support-call-1").to(gate)
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    assert refused.headers["x-request-id"] == "support-call-1"
    assert json.loads(refused.body)["error"]["code"] == "AT_CAPACITY"
    application.may_answer.set()
    await asyncio.gather(*visits)
    assert application.served == 5
    assert (await Visit().to(gate)).status == 200


@pytest.mark.parametrize(
    ("path", "accept", "content_type", "part"),
    [
        ("/orders", "text/html,*/*", "text/html; charset=utf-8", b"<h1>At capacity</h1>"),
        ("/api/v1/public/orders", "*/*", "application/json", b'"statusCode": 503'),
        ("/v1/receipts", "application/json", "application/json", b'"error": "at_capacity"'),
    ],
)
async def test_everyone_is_refused_in_their_own_words(path: str, accept: str, content_type: str, part: bytes) -> None:
    application = Slow()
    gate, visits = await full(application)
    refused = await Visit(path, accept=accept, x_request_id="<bad>").to(gate)
    assert refused.headers["content-type"] == content_type
    assert part in refused.body
    assert int(refused.headers["content-length"]) == len(refused.body)
    assert len(refused.headers["x-request-id"]) == 32
    assert (await Visit(path, "HEAD", accept=accept).to(gate)).body == b""
    application.may_answer.set()
    await asyncio.gather(*visits)


@pytest.mark.parametrize(("kind", "path"), [("websocket", "/live"), ("lifespan", ""), ("http", "/health")])
async def test_sockets_lifespan_and_the_probe_pass_by(kind: str, path: str) -> None:
    application = Slow()
    gate, visits = await full(application)
    passed = asyncio.create_task(Visit(path, kind=kind).to(gate))
    await asyncio.sleep(0)
    assert application.running == 3
    application.may_answer.set()
    await asyncio.gather(*visits, passed)


async def test_who_leaves_or_breaks_gives_the_place_back() -> None:
    application = Slow()
    gate, visits = await full(application)
    for visit in (visits[0], visits[4]):  # one that runs and one that waits
        visit.cancel()
    await asyncio.gather(*visits[:1], *visits[4:], return_exceptions=True)
    application.may_answer.set()
    await asyncio.gather(*visits[1:4])
    with pytest.raises(RuntimeError, match="a bug"):
        await Visit("/breaks").to(gate)
    assert [(await Visit().to(gate)).status for _ in range(6)] == [200] * 6
