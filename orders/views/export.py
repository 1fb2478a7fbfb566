"""`/orders/export.csv` and `.xlsx`: the list's own filter and sort, without its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import IO

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from dashboard.accounts.access import MemberRequest, requires
from dashboard.events.recording import Actor
from orders.export import csv_pieces, in_order, records, write_xlsx
from orders.list_page import sort_of
from orders.order_filter import OrderFilter, read_filter
from orders.queries import matching
from orders.services.exports import record_export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 64 * 1024


@require_GET
@requires("orders.export")
def order_export_csv(request: MemberRequest) -> HttpResponseBase:
    wanted = _wanted(request)
    return _refused(request, wanted) or _sent(
        request, csv_pieces(_rows(request, wanted)), "text/csv; charset=utf-8", "csv"
    )


@require_GET
@requires("orders.export")
def order_export_xlsx(request: MemberRequest) -> HttpResponseBase:
    wanted = _wanted(request)
    if refused := _refused(request, wanted):
        return refused
    return _sent(request, _pieces(write_xlsx(_rows(request, wanted))), XLSX, "xlsx")


def _wanted(request: MemberRequest) -> OrderFilter:
    return read_filter(request.GET, viewer=request.member.user.pk, default_view="attention")


def _refused(request: MemberRequest, wanted: OrderFilter) -> HttpResponse | None:
    if not wanted.problem:
        return None
    messages.error(request, wanted.problem)
    return redirect(f"{reverse('orders')}?view=all")


def _rows(request: MemberRequest, wanted: OrderFilter) -> Iterator[list[str | int]]:
    orders = matching(request.member.organization, wanted)
    return records(in_order(orders, sort_of(request.GET, wanted)))


def _sent(request: MemberRequest, pieces: Iterator[bytes], kind: str, suffix: str) -> StreamingHttpResponse:
    """Recorded before the first byte: whatever left is in the log."""
    record_export(
        organization=request.member.organization,
        actor=Actor.of_request(request),
        query=request.GET.urlencode(),
        format_name=suffix,
    )
    body = _without_blocking(pieces) if isinstance(request, ASGIRequest) else pieces
    name = f"orders-{request.member.organization.slug}-{datetime.now(UTC):%Y%m%d-%H%M}.{suffix}"
    return StreamingHttpResponse(
        body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


async def _without_blocking(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """An ASGI server would read a plain iterator to its end before it sends anything. Many rows are one piece."""
    while piece := await sync_to_async(_next_piece)(pieces):
        yield piece


def _next_piece(pieces: Iterator[bytes]) -> bytes:
    gathered: list[bytes] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= _PIECE:
            break
    return b"".join(gathered)
