"""Connections to upstreams: every address is checked at the moment of connecting, whatever its name meant before."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from dashboard.upstream.addresses import AddressRefused, check_address

# Shorter than any common server's idle time: a connection that closes under a request leaves its outcome unknown.
KEEP_ALIVE_SECONDS = 3.0
CONNECTIONS = 200


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves by itself and connects to the address that it has checked."""

    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        error: Exception = httpcore.ConnectError(f"{host} has no address.")
        for address in await _resolve(host, port):
            try:
                check_address(address)
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except AddressRefused as refused:
                error = httpcore.ConnectError(str(refused))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError(f"Upstreams are reached over the network, not through {path}.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} is not known to any name server.") from error
    return [str(one[4][0]) for one in found]


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx' transport over that backend, which its constructor does not take."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=CONNECTIONS,
            max_keepalive_connections=20,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=GuardedBackend(),
        )


def upstream_client() -> httpx.AsyncClient:
    """No redirects, no proxies from the environment; deadlines are the caller's."""
    return httpx.AsyncClient(
        transport=GuardedTransport(), follow_redirects=False, trust_env=False, timeout=httpx.Timeout(None)
    )
