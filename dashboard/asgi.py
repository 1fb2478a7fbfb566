"""The way in for HTTP and WebSockets. Any ASGI server can run it: nothing in here is daphne's."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

# Django must be set up before anything that imports models.
django_application = get_asgi_application()

from dashboard.console.checks import refuse_unsafe_settings  # noqa: E402 - kept with the import below it
from dashboard.events.consumers import LiveConsumer  # noqa: E402 - imports models
from dashboard.throttling.gate import Gate  # noqa: E402 - kept with the import above it

refuse_unsafe_settings()
sockets = URLRouter([path("live", LiveConsumer.as_asgi())])
application = ProtocolTypeRouter(
    {
        "http": Gate(django_application, in_flight=settings.REQUESTS_IN_FLIGHT, waiting=settings.REQUESTS_WAITING),
        # Another site's page can't open a socket with its visitor's session.
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(sockets)),
    }
)
