"""A deployment that is not the demo refuses to run on settings that would give it away.

Commands hear it from Django's system checks. Web servers run no checks, so asgi.py asks here as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

_SHORTEST_SECRET = 32


@register
def unsafe_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEMO:
        return []
    return [*_secret(), *_hosts(), *_debug()]


def refuse_unsafe_settings() -> None:
    errors = unsafe_settings()
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in errors))


def _secret() -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= _SHORTEST_SECRET and len(set(settings.SECRET_KEY)) > 5:
        return []
    hint = 'Set it to the output of: python -c "import secrets; print(secrets.token_urlsafe(48))"'
    return [
        Error(f"SECRET_KEY is shorter than {_SHORTEST_SECRET} characters or trivial.", hint=hint, id="console.E001")
    ]


def _hosts() -> list[CheckMessage]:
    wide = [host for host in settings.ALLOWED_HOSTS if "*" in host]
    hint = "Name the hosts that people and API clients use."
    return [Error(f"ALLOWED_HOSTS holds {host!r}, so any host.", hint=hint, id="console.E002") for host in wide]


def _debug() -> list[CheckMessage]:
    hint = "Leave it off: pages would show settings and source to everyone."
    return [Error("DEBUG is on.", hint=hint, id="console.E003")] if settings.DEBUG else []
