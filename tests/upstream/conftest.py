"""Northwind, connected to an upstream on this machine that keeps widgets."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import httpx
import pytest
from django.conf import LazySettings

from bench.widgets import WidgetAdapter, widget_domain
from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM, recording
from dashboard.registry import registry
from dashboard.upstream import services
from dashboard.upstream.adapters import Answer
from dashboard.upstream.claim import Round, claim
from dashboard.upstream.departure import Departure
from dashboard.upstream.guarded_network import upstream_client
from dashboard.upstream.models import Budget, Connection, Delivery
from dashboard.upstream.owing import Owed, owe
from dashboard.upstream.settle import settle, settle_quietly
from dashboard.upstream.transport import exchange
from tests.upstream.fake import Upstream

KEY = "key of Northwind"


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> WidgetAdapter:
    """The registry without the real systems, and the demo's leave to talk to this machine."""
    settings.DEMO = True
    made = WidgetAdapter()
    floor = {name: registry.domains[name] for name in ("accounts", "upstream")}
    monkeypatch.setattr(registry, "domains", {**floor, "widgets": widget_domain(made)})
    return made


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def connection(northwind: Organization, adapter: WidgetAdapter, upstream: Upstream) -> Connection:
    return connected(northwind, upstream.url)


def connected(organization: Organization, url: str, *, secret: str = KEY) -> Connection:
    new = services.NewConnection(system="hesh", base_url=url, secret=secret, timeout_seconds=2.0)
    return services.connect(organization=organization, actor=SYSTEM, connection=new)


def owes(organization: Organization, *owed: Owed, urgent: bool = False, subject_type: str = "widget") -> None:
    with recording(organization, SYSTEM) as log:
        owe(log, system="hesh", subject_type=subject_type, owed=owed, urgent=urgent)


def widget(revision: int = 1) -> Owed:
    made = uuid.uuid4()
    return Owed(made, lane=made, revision=revision)


def widgets(count: int) -> list[Owed]:
    return [widget() for _ in range(count)]


@dataclass
class Sent:
    round: Round
    answers: list[Answer]


def send(departures: Sequence[Departure], *, timeout: float = 60.0, late: float = 0.0) -> list[Answer]:
    """Claimed just now, or so many seconds ago; patient, because the machine that tests may be busy."""
    client = upstream_client()
    claimed = time.monotonic() - late
    departures = [replace(departure, claimed=claimed, timeout=timeout) for departure in departures]

    async def all_at_once(client: httpx.AsyncClient) -> list[Answer]:
        async with client:
            return await asyncio.gather(*(exchange(client, departure) for departure in departures))

    return asyncio.run(all_at_once(client))


def send_due(connection: Connection, *, timeout: float = 60.0) -> Sent:
    """One round as a drain does it, in this thread: claim, send, settle."""
    found = claim(connection.budget_id)
    answers = send(found.departures, timeout=timeout)
    for departure, answer in zip(found.departures, answers, strict=True):
        settle(attempt_id=departure.attempt_id, answer=answer)
    for delivery_id in found.quiet:
        settle_quietly(delivery_id=delivery_id)
    return Sent(found, answers)


def delivery_of(owed: Owed, subject_type: str = "widget") -> Delivery:
    return Delivery.objects.get(subject_id=owed.subject_id, subject_type=subject_type)


def windows(connection: Connection, *limits: tuple[int, float], reserve: Sequence[tuple[int, float]] = ()) -> None:
    Budget.objects.filter(pk=connection.budget_id).update(windows=list(limits), reserve=list(reserve))
