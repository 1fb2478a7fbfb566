"""An upstream that counts for itself: strict sliding windows, answers after a random while. A process of its own.

`GET /report` tells what it saw. It shares no code with the product, so it can't share its mistakes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import deque

Windows = list[tuple[int, float]]


def parse_windows(text: str) -> Windows:
    """`15/1,300/60` is 15 calls in any second and 300 in any minute."""
    return [(int(limit), float(seconds)) for limit, _, seconds in (part.partition("/") for part in text.split(","))]


class Throttle:
    def __init__(self, windows: Windows, delays: tuple[float, float]) -> None:
        self.windows = windows
        self.delays = delays
        self.received: list[float] = []
        self.used: list[float] = []  # the delay of each, in the order of arrival
        self.inside = [deque[float]() for _ in windows]
        self.violations = 0
        self.ids: dict[str, int] = {}

    def admits(self) -> bool:
        """At most `limit` in any stretch of `seconds`, however it lies."""
        now = time.monotonic()
        self.received.append(now)
        fine = True
        for (limit, seconds), inside in zip(self.windows, self.inside, strict=True):
            while inside and inside[0] <= now - seconds:
                inside.popleft()
            inside.append(now)
            fine = fine and len(inside) <= limit
        self.violations += not fine
        return fine

    def report(self) -> dict[str, object]:
        twice = sum(count > 1 for count in self.ids.values())
        return {
            "calls": len(self.received),
            "seconds": self.received[-1] - self.received[0] if self.received else 0.0,
            "violations": self.violations,
            "widgets": len(self.ids),
            "created_twice": twice,
            "delays": self.used,
        }

    async def answer(self, method: str, path: str, body: bytes) -> tuple[int, object]:
        if path.endswith("/report"):
            return 200, self.report()
        fine = self.admits()
        if method == "GET":
            return 200, [{"id": one, "cancelled": False} for one in self.ids]
        if not fine:
            return 429, {"message": "Too many requests"}
        widget = json.loads(body)["id"]
        self.ids[widget] = self.ids.get(widget, 0) + (method == "POST")
        delay = random.uniform(*self.delays)
        self.used.append(delay)
        await asyncio.sleep(delay)
        return 201, {"id": widget}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) and head:
                lines = head.decode("latin-1").split("\r\n")
                method, path, _ = lines[0].split(" ", 2)
                headers = {
                    name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
                }
                body = await reader.readexactly(int(headers.get("content-length") or 0))
                status, said = await self.answer(method, path, body)
                text = json.dumps(said).encode()
                writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=parse_windows, required=True)
    parser.add_argument("--delays", default="0.05:0.05", help="from:to, in seconds")
    options = parser.parse_args()
    low, _, high = options.delays.partition(":")
    throttle = Throttle(options.windows, (float(low), float(high)))
    server = await asyncio.start_server(throttle.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
