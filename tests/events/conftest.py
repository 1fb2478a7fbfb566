"""A small domain of parcels, so that the log and the live pages are tested without any of the product's own domains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest

from dashboard.accounts.models import Organization
from dashboard.events.models import Event
from dashboard.registry import Domain, LiveGauge, LiveRegion, Place, registry


def parcel_rows(organization: Organization, ids: Iterable[str], roles: frozenset[str]) -> Mapping[str, str]:
    """A parcel's row says how often it was in the log; a parcel named `ghost` has no row, and `broken` breaks."""
    wanted = [each for each in ids if each != "ghost"]
    if "broken" in wanted:
        raise RuntimeError("This parcel breaks its row.")
    happened = Event.objects.filter(organization=organization)
    price = "<td>price</td>" if "owner" in roles else ""
    return {
        each: f'<tr id="parcel-row-{each}"><td>{happened.filter(subject=f"parcel:{each}").count()}</td>{price}</tr>'
        for each in wanted
    }


def belt(organization: Organization, key: str, roles: frozenset[str]) -> str:
    if key == "none":
        raise ValueError("There is no such belt.")
    return f'<p id="belt-{key}">{Event.objects.filter(organization=organization).count()} on the belt</p>'


def lost_parcels(organization: Organization) -> int:
    return Event.objects.filter(organization=organization, kind="parcel.lost").count()


PARCELS = Domain(
    name="parcels",
    places=(Place("Parcels", "parcels", "cube", "parcels.view", badge=lost_parcels, badge_kinds=("parcel.lost",)),),
    permissions={"parcels.view": frozenset({"success_manager"})},
    event_kinds={"parcel.packed": "packed {count} of them", "parcel.lost": "lost", "parcel.labelled": "labelled"},
    subject_types=("parcel",),
    regions=(LiveRegion("parcel-row", ("parcel",), "parcels.view", parcel_rows),),
    gauges=(LiveGauge("belt", "parcels.view", belt),),
)


@pytest.fixture(autouse=True)
def _parcels() -> Iterator[None]:
    registry.register(PARCELS)
    yield
    del registry.domains["parcels"]


@pytest.fixture
def depot(db: None) -> Organization:
    return Organization.objects.create(slug="depot", name="Depot", key_abbreviation="DE")


@pytest.fixture
def annex(db: None) -> Organization:
    return Organization.objects.create(slug="annex", name="Annex", key_abbreviation="AN")
