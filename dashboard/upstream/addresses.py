"""Which hosts an upstream may be.

Public ones over https. Only the demo also relays to this machine and over plain HTTP.

Checked when a connection is made, and again on the resolved address of every request: a name may point elsewhere by
then.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings


class AddressRefused(Exception):
    """One sentence that says what is wrong with the URL or address."""


def check_url(url: str) -> str:
    """The URL without a trailing slash, or AddressRefused."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AddressRefused(f"{url} is not a web address; begin it with https://.")
    if parts.scheme == "http" and not settings.DEMO:
        raise AddressRefused(f"{url} is plain HTTP, which would show the key to everyone on the way; use https://.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise AddressRefused(
            "The base URL must hold no name, password, question mark or fragment; the key is given apart."
        )
    _check_port(url)
    for address in _addresses(parts.hostname, parts.port or 443):
        check_address(address)
    return url.strip().rstrip("/")


def check_address(address: str) -> None:
    if settings.DEMO:
        return
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    if not (mapped or ip).is_global or ip.is_multicast:
        raise AddressRefused(f"{address} is a private address; upstreams must be public hosts.")


def host_of(url: str) -> str:
    """What a budget is counted by: host and port as the upstream sees them."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    port = parts.port or default
    host = (parts.hostname or "").rstrip(".")
    return host if port == default else f"{host}:{port}"


def _check_port(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise AddressRefused(f"{url} has no valid port.") from error


def _addresses(host: str, port: int) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"{host} is not known to any name server; check the spelling.") from error
