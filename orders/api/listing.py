"""All orders of an organization as one bare JSON array, however many: no more than a page of rows is ever in memory.

Orders are read by number. Numbers are handed out in the order of commits, so an order that was there when the read
began is in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from dashboard.accounts.models import Organization
from orders.api.replies import json_reply
from orders.api.shapes import LISTED, listed_order
from orders.models import Order

ROWS_AT_ONCE = 1_000
Rows = list[dict[str, Any]]


def rows_after(organization_id: UUID, number: int, count: int) -> Rows:
    rows = Order.objects.filter(organization_id=organization_id, number__gt=number).order_by("number")
    return list(rows.values("number", *LISTED)[:count])


def page(request: HttpRequest, organization: Organization, *, limit: int, after: int) -> HttpResponse:
    """One page; `Link` leads to the next one as long as there is one."""
    rows = rows_after(organization.pk, after, limit + 1)
    response = json_reply([listed_order(row) for row in rows[:limit]])
    if len(rows) > limit:
        query = urlencode({"limit": limit, "cursor": rows[limit - 1]["number"]})
        response["Link"] = f'<{request.build_absolute_uri(request.path)}?{query}>; rel="next"'
    return response


def everything(request: HttpRequest, organization: Organization, *, after: int) -> StreamingHttpResponse:
    # Each kind of server gets its own kind of iterator: Django would collect the other one in memory first.
    is_async = isinstance(request, ASGIRequest)
    chunks = _chunks_async(organization.pk, after) if is_async else _chunks(organization.pk, after)
    return StreamingHttpResponse(chunks, content_type="application/json")


def _chunks(organization_id: UUID, after: int) -> Iterator[bytes]:
    before = b"["
    while rows := rows_after(organization_id, after, ROWS_AT_ONCE):
        yield before + _joined(rows)
        before, after = b",", rows[-1]["number"]
    yield b"[]" if before == b"[" else b"]"


async def _chunks_async(organization_id: UUID, after: int) -> AsyncIterator[bytes]:
    before = b"["
    while rows := await sync_to_async(_rows_and_release)(organization_id, after):
        yield before + _joined(rows)
        before, after = b",", rows[-1]["number"]
    yield b"[]" if before == b"[" else b"]"


def _rows_and_release(organization_id: UUID, after: int) -> Rows:
    """A slow reader must not keep a connection between two pages."""
    try:
        return rows_after(organization_id, after, ROWS_AT_ONCE)
    finally:
        close_old_connections()


def _joined(rows: Rows) -> bytes:
    return b",".join(orjson.dumps(listed_order(row)) for row in rows)
