"""Two questions of load balancers and supervisors: is the process there, and can it do its work?"""

from __future__ import annotations

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"data": {"status": "ok"}})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    state = {"postgresql": _postgresql(), "redis": _redis()}
    away = [name for name, there in state.items() if not there]
    if not away:
        return JsonResponse({"data": {"status": "ok", **dict.fromkeys(state, "ok")}})
    sentence = f"Not ready: {' and '.join(away)} can't be reached."
    return JsonResponse({"error": {"code": "NOT_READY", "message": sentence, "away": away}}, status=503)


def _postgresql() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("PostgreSQL did not answer: %s", error)
        return False
    return True


def _redis() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError as error:
        log.warning("Redis did not answer: %s", error)
        return False
    return True
