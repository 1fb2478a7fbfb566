"""The live socket: listens to one open page. Every change is an HTTP POST; what arrives here changes nothing."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import HASH_SESSION_KEY
from pydantic import ValidationError

from dashboard.accounts.access import as_member
from dashboard.accounts.models import Membership
from dashboard.events import protocol
from dashboard.events.hub import hub
from dashboard.events.page import Page
from dashboard.events.protocol import Hello

if TYPE_CHECKING:
    from dashboard.events.feed import Feed


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    # None of the configured ones: it listens to the hub only, so pages can connect while Redis is away.
    channel_layer_alias = "none"
    page: Page | None = None
    feed: Feed | None = None
    sender: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # Accepted first: a browser only tells the page the code of a socket that was open.
        await self.accept()
        self.page = await database_sync_to_async(page_of)(self.scope)
        if self.page is None:
            await self.close(protocol.NOT_ALLOWED)
            return
        self.feed = hub().join(self.page)
        self.sender = asyncio.create_task(self._send_all(self.page))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.page is None or self.feed is None:
            return
        try:
            self.page.greet(_hello(text_data))
        except ValueError:
            await self.close(protocol.NOT_UNDERSTOOD)
            return
        self.feed.woken.set()

    async def disconnect(self, code: int) -> None:
        if self.page and self.feed:
            hub().leave(self.page, self.feed)
        if self.sender:
            self.sender.cancel()

    async def _send_all(self, page: Page) -> None:
        while not isinstance(message := await page.outbox.get(), int):
            await self.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        await self.close(message)


def page_of(scope: dict[str, Any]) -> Page | None:
    """The organization is the one that the page shows, whatever the session has switched to since."""
    user, session = scope["user"], scope["session"]
    slug = parse_qs(scope["query_string"].decode("ascii", "replace")).get("org", [""])[0]
    if not user.is_authenticated or user.must_change_password:
        return None
    found = Membership.objects.select_related("organization", "user").filter(user=user.pk, organization__slug=slug)
    membership = found.first()
    if membership is None:
        return None
    return Page(as_member(membership), session.session_key, session.get(HASH_SESSION_KEY, ""))


def _hello(text: str | None) -> Hello:
    if text is None or len(text) > protocol.LONGEST_MESSAGE:
        raise ValueError("A message to the live socket is text of a bounded length.")
    try:
        return Hello.model_validate_json(text)
    except ValidationError as error:
        raise ValueError("The live socket only takes hello.") from error
