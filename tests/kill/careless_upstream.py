"""A Hesh that makes a new order of every POST, however often it was told, and drops or cuts answers at random."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class CarelessUpstream(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.orders: list[dict[str, Any]] = []
        self.received: list[float] = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/v1/public"

    def created(self) -> list[str]:
        return sorted(order["external_order_id"] for order in self.orders)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_GET(self) -> None:
        server = self._heard()
        with server.lock:
            listed = list(server.orders)
        self._say(200, listed, lost=random.random() < 0.05)

    def do_POST(self) -> None:
        server = self._heard()
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        fate = random.random()
        if fate < 0.05:  # it never got that far
            self.close_connection = True
            return
        order = {"id": str(uuid.uuid4()), "external_order_id": told["external_order_id"], "is_deleted": False}
        with server.lock:
            server.orders.append(order)
        time.sleep(random.uniform(0.0, 0.15))
        self._say(500 if fate < 0.08 else 201, order, lost=fate > 0.9)

    def _heard(self) -> CarelessUpstream:
        server = cast("CarelessUpstream", self.server)
        with server.lock:
            server.received.append(time.monotonic())
        return server

    def _say(self, status: int, said: object, *, lost: bool) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: random.randrange(len(body))] if lost else body)
        self.close_connection = lost
