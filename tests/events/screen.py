"""A browser page as the server sees it: a socket that says what it shows and takes what it is sent."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from dashboard.accounts.models import Membership, Organization, User
from dashboard.asgi import application
from dashboard.events.recording import SYSTEM, recording

PATIENCE = 10.0


class Screen:
    def __init__(self, organization: Organization, client: Client | None, *, origin: str = "http://localhost") -> None:
        cookies = client.cookies if client else {}
        headers = [(b"origin", origin.encode()), (b"host", b"localhost")]
        if settings.SESSION_COOKIE_NAME in cookies:
            value = f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME].value}"
            headers.append((b"cookie", value.encode()))
        self.socket = WebsocketCommunicator(application, f"/live?org={organization.slug}", headers=headers)

    async def __aenter__(self) -> Self:
        self.accepted, _ = await self.socket.connect(timeout=PATIENCE)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        await self.socket.disconnect(timeout=PATIENCE)

    async def hello(self, seq: int, regions: str = "", gauges: str = "", lists: str = "") -> None:
        shown = {"regions": regions.split(), "gauges": gauges.split(), "lists": lists.split()}
        await self.socket.send_to(text_data=json.dumps({"type": "hello", "seq": seq, **shown}))

    async def next(self, *, heartbeats: bool = False) -> dict[str, Any]:
        """The next thing that is said to the page; heartbeats come between anything."""
        while True:
            output = await self.socket.receive_output(timeout=PATIENCE)
            if output["type"] == "websocket.close":
                return {"type": "close", "code": output["code"]}
            message: dict[str, Any] = json.loads(output["text"])
            if heartbeats or message["type"] != "heartbeat":
                return message

    async def open(self, seq: int, regions: str = "", gauges: str = "", lists: str = "") -> dict[str, Any]:
        await self.hello(seq, regions, gauges, lists)
        return await self.next()


def signed_in(organization: Organization, name: str, *roles: str) -> Client:
    user = User.objects.create_user(f"{name}@depot.example", "a long password", name=name.title())
    Membership.objects.create(organization=organization, user=user, roles=list(roles))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@database_sync_to_async
def happens(organization: Organization, *events: tuple[str, str], data: dict[str, Any] | None = None) -> None:
    with recording(organization, SYSTEM) as log:
        for kind, subject in events:
            log.record(kind, subject=subject, data=data)
