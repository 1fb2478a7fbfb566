"""What people do with upstreams: connections, their tests, and deliveries that need somebody."""

from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.services.connections import (
    NewConnection,
    connect,
    pause_connection,
    replace_secret,
    resume_connection,
)
from dashboard.upstream.services.deliveries import (
    Acted,
    ask_upstream,
    give_up_deliveries,
    give_up_delivery,
    note_delivery,
    retry_deliveries,
    retry_delivery,
)
from dashboard.upstream.services.testing import ConnectionTest, test_connection

__all__ = [
    "Acted",
    "ConnectionTest",
    "NewConnection",
    "UpstreamError",
    "ask_upstream",
    "connect",
    "give_up_deliveries",
    "give_up_delivery",
    "note_delivery",
    "pause_connection",
    "replace_secret",
    "resume_connection",
    "retry_deliveries",
    "retry_delivery",
    "test_connection",
]
