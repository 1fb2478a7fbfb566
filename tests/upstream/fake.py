"""An upstream on this machine that keeps widgets, counts requests and answers as badly as a test wants."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass
class Said:
    """One answer, as told by a test; `cut` closes the connection after so many bytes of it."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    keeps: bool = True  # whether the widget gets in, whatever is answered
    before: Callable[[], None] | None = None


@dataclass
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Upstream(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[Heard] = []
        self.widgets: dict[str, bool] = {}  # id -> cancelled
        self.created: list[str] = []
        self.answers: deque[Said] = deque()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"

    def will_say(self, *answers: Said) -> None:
        self.answers.extend(answers)

    def calls(self, method: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.method == method]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class's names

    def _answer(self) -> None:
        server = cast("Upstream", self.server)
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        with server.lock:
            server.heard.append(
                Heard(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            )
            said = server.answers.popleft() if server.answers else Said()
            if said.keeps:
                self._keep(server, body)
            listed = [{"id": one, "cancelled": cancelled} for one, cancelled in server.widgets.items()]
        if said.before:
            said.before()
        usual = listed if self.command == "GET" else {"id": (body or {}).get("id", "")}
        self._say(said, json.dumps(usual).encode() if said.body is None else said.body)

    def _keep(self, server: Upstream, body: Any) -> None:
        if self.command == "POST":
            server.created.append(body["id"])
            server.widgets[body["id"]] = False
        elif self.command == "DELETE":
            server.widgets[body["id"]] = True

    def _say(self, said: Said, body: bytes) -> None:
        if said.cut == 0:
            self.close_connection = True
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if said.cut is None else body[: said.cut])
        self.close_connection = said.cut is not None
