"""Where the Public API answers, below /api/v1/public/. Every view is behind the door, what is nothing too."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from orders.api.door import behind_the_door, in_the_open
from orders.api.pages import nothing_here, openapi_document, openapi_page
from orders.api.routes import api


def _endpoints() -> list[URLPattern]:
    patterns: list[URLPattern] = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    for pattern in patterns:
        pattern.callback = behind_the_door(pattern.callback)
    return patterns


urlpatterns = [
    path("openapi.json", in_the_open(openapi_document), name="public-api-document"),
    path("docs", in_the_open(openapi_page), name="public-api-page"),
    *_endpoints(),
    re_path(r"^.*$", in_the_open(nothing_here)),
]
