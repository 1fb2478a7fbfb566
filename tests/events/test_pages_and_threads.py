"""Under many open pages nothing is rendered twice and no database connection stays with a sleeping thread."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client

from dashboard.accounts.models import Organization
from dashboard.registry import LiveRegion, registry
from tests.events.conftest import PARCELS, parcel_rows
from tests.events.screen import Screen, happens, signed_in

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ann(depot: Organization) -> Client:
    return signed_in(depot, "ann", "success_manager")


@pytest.fixture
def rendered() -> Counter[str]:
    counted: Counter[str] = Counter()

    def counting(organization: Organization, ids: Iterable[str], roles: frozenset[str]) -> Mapping[str, str]:
        counted.update(ids := list(ids))
        return parcel_rows(organization, ids, roles)

    region = LiveRegion("parcel-row", ("parcel",), "parcels.view", counting)
    registry.domains["parcels"] = replace(PARCELS, regions=(region,))
    return counted


async def test_a_row_is_rendered_once_for_all_pages(depot: Organization, ann: Client, rendered: Counter[str]) -> None:
    screens = [Screen(depot, ann) for _ in range(20)]
    await asyncio.gather(*(screen.__aenter__() for screen in screens))
    await asyncio.gather(*(screen.open(0, "parcel-row:1 parcel-row:2") for screen in screens))
    await happens(depot, ("parcel.packed", "parcel:1"), ("parcel.packed", "parcel:2"))
    frames = await asyncio.gather(*(screen.next() for screen in screens))
    await asyncio.gather(*(screen.__aexit__(None, None, None) for screen in screens))

    assert rendered == {"1": 1, "2": 1}
    assert {tuple(frame["html"]) for frame in frames} == {tuple(frames[0]["html"])}


async def test_looks_give_their_connections_back(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1")
        for _ in range(8):
            await happens(depot, ("parcel.packed", "parcel:1"))
            await screen.next()
        pool = connection.pool.get_stats()

    # This test's own, the writer's, and the two threads of the hub: were they kept, there would be one more per look.
    # What other tests left in the pool is idle and does not count.
    assert pool["pool_size"] - pool["pool_available"] <= 4
