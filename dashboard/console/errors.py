"""What goes wrong, told to whoever asked: a page for people, JSON for programs. Neither needs what may have failed."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader

# The published APIs' paths. Their own code words what it foresees; this is for what never reached it.
PUBLIC_API = "/api/"
CONTROL_PLANE = "/v1/"
PROBES = "/health"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, HTTPStatus.BAD_REQUEST, "The request can't be read. Check its address and its body.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, HTTPStatus.FORBIDDEN, str(exception) or "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, HTTPStatus.NOT_FOUND, "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side. Nothing was changed.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = (
        "This form is too old, was opened for another organization or came from another site. "
        "Go back, reload the page and send it again."
    )
    return answer(request, HTTPStatus.FORBIDDEN, sentence)


def answer(request: HttpRequest, status: HTTPStatus, sentence: str) -> HttpResponse:
    """Error templates take `request` and `reason` only: no context processor, so nothing that needs a database."""
    body = _json(request.path, status, sentence)
    if body is not None:
        return JsonResponse(body, status=status)
    page = loader.get_template(f"errors/{status.value}.html").render({"request": request, "reason": sentence})
    return HttpResponse(page, status=status)


def _json(path: str, status: HTTPStatus, sentence: str) -> dict[str, object] | None:
    """Each API in the words of its own contract."""
    if path.startswith(PUBLIC_API):
        return {"statusCode": status.value, "message": sentence, "error": status.phrase}
    if path.startswith(CONTROL_PLANE):
        return {"error": status.phrase.lower().replace(" ", "_"), "message": sentence}
    if path.startswith(PROBES):
        return {"error": {"code": status.phrase.upper().replace(" ", "_"), "message": sentence}}
    return None
