"""Every request to the Public API comes in here: counted, authenticated, and answered in the contract's words.

The contract names 200, 201, 400, 401, 404, 429 and 500 (and 409 for tags). So an unknown path and a wrong method are
both 404, a body that is too large is 400 and a missing scope is 401.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from dashboard.accounts.api_keys import authenticate_presented
from dashboard.accounts.models import ApiKey
from dashboard.throttling.windows import Taken, WindowLimiter
from orders.api.replies import error_reply

View = Callable[..., HttpResponseBase]
Admit = Callable[[HttpRequest, ApiKey | None], None]
WINDOWS = ((15, 1.0), (300, 60.0), (4_000, 3_600.0))
# One set of windows per key; callers without a valid one share theirs with everybody at their address.
KEYS = WindowLimiter("public-api", WINDOWS)
ADDRESSES = WindowLimiter("public-api-address", WINDOWS)
_log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is not let in."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def behind_the_door(view: View) -> View:
    """For endpoints that need a key. Which scope they need, they say themselves."""
    return _door(view, _authenticated)


def in_the_open(view: View) -> View:
    """For the API's description, and for paths that are nothing."""
    return _door(view, lambda request, key: None)


def _door(view: View, admit: Admit) -> View:
    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = authenticate_presented(_presented(request))
        taken = KEYS.take(str(key.pk)) if key else ADDRESSES.take(_address(request))
        guarded = _guarded(view, admit, request, key)
        response = guarded(request, *args, **kwargs) if taken.allowed else _throttled(taken)
        for name, value in taken.headers().items():
            response[name] = value
        return response

    return answer


def _guarded(view: View, admit: Admit, request: HttpRequest, key: ApiKey | None) -> View:
    def guarded(*args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            admit(request, key)
            response = view(*args, **kwargs)
        except Refused as refused:
            return error_reply(refused.status, refused.message)
        except RequestDataTooBig:
            return error_reply(400, too_large())
        except Exception:  # noqa: BLE001 - whatever it was, the contract has one body for it, with the limits' headers
            _log.exception("The Public API failed at %s %s", request.method, request.path)
            return error_reply(500, "Something went wrong on our side. Nothing was changed.")
        return _no_such_method(request, response) if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED else response

    return guarded


def too_large() -> str:
    return f"The body is too large: at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20} MB."


def _throttled(taken: Taken) -> HttpResponse:
    message = (
        f"More than {taken.limit:,} requests in one window. Wait {taken.reset_seconds:,} s;"
        " every request before that starts the wait anew."
    )
    return error_reply(429, message)


def _no_such_method(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    reply = error_reply(404, f"Cannot {request.method} {request.path}: it takes {response['Allow']}.")
    reply["Allow"] = response["Allow"]
    return reply


def _presented(request: HttpRequest) -> list[str]:
    """A header that came twice arrives joined by a comma, which no key holds."""
    keys = request.headers.get("x-api-key", "").split(",")
    bearer = request.headers.get("authorization", "")
    given = [key.strip() for key in keys if key.strip()]
    # Only beside x-api-key: the contract knows no other way to say a key, but two different ones are nobody.
    if given and bearer.lower().startswith("bearer "):
        given.append(bearer[7:].strip())
    return given


def _authenticated(request: HttpRequest, key: ApiKey | None) -> None:
    if not request.headers.get("x-api-key", "").strip():
        raise Refused(HTTPStatus.UNAUTHORIZED, "The header x-api-key is missing. Your Success Manager has the key.")
    if key is None:
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "The key in x-api-key is not valid: it is wrong, revoked, or not the only one."
        )
    tenant = request.headers.get("x-tenant-id")
    if tenant is not None and _tenant(tenant) != key.organization_id:
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "The key in x-api-key does not belong to the organization in x-tenant-id."
        )
    request.__dict__["auth"] = key


def _tenant(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text.strip())
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "The header x-tenant-id must be a UUID.") from error


def _address(request: HttpRequest) -> str:
    """Behind the proxy that we trust, the address that it saw: the last one of the list."""
    forwarded = request.headers.get("x-forwarded-for", "") if settings.TRUSTED_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip()[:64] or request.META.get("REMOTE_ADDR") or "unknown"
