"""The Public API's description, for programs and for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orders.api.door import WINDOWS
from orders.api.replies import error_reply
from orders.api.routes import api

BASE = "/api/v1/public"
_LIMITS = {
    "X-RateLimit-Limit": "Maximum number of requests in the window with the least remaining.",
    "X-RateLimit-Remaining": "Requests left in it.",
    "X-RateLimit-Reset": "Seconds until it resets.",
}
_TENANT = {
    "name": "x-tenant-id",
    "in": "header",
    "required": False,
    "description": "The organization's UUID.",
    "schema": {"type": "string", "format": "uuid"},
}


def document() -> dict[str, Any]:
    """Ninja's document, with the headers that the door reads and writes."""
    schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"{BASE}/"))
    headers = {name: {"description": text, "schema": {"type": "integer"}} for name, text in _LIMITS.items()}
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation.setdefault("parameters", []).append(_TENANT)
            for response in operation["responses"].values():
                response["headers"] = headers
    schema["x-rate-limits"] = [{"limit": limit, "seconds": seconds} for limit, seconds in WINDOWS]
    return schema


@require_safe
def openapi_document(request: HttpRequest) -> HttpResponse:
    return JsonResponse(document())


@require_safe
def openapi_page(request: HttpRequest) -> HttpResponse:
    return render(request, "orders/api_page.html", {"document_url": f"{BASE}/openapi.json"})


def nothing_here(request: HttpRequest) -> HttpResponse:
    return error_reply(404, f"Cannot {request.method} {request.path}: there is nothing at this address.")
