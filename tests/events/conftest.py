"""A small domain of parcels, so that the log and the live pages are tested without any of the product's own domains."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.accounts.models import Organization
from dashboard.registry import Domain, registry

PARCELS = Domain(
    name="parcels",
    event_kinds={
        "parcel.packed": "packed {count} of them",
        "parcel.lost": "lost",
        "parcel.labelled": "labelled",
    },
    subject_types=("parcel",),
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
