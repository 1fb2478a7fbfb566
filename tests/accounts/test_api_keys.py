"""What the three APIs ask about a key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.accounts.api_keys import allows, authenticate_key, authenticate_presented, issue_key
from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import ApiKey, Organization
from dashboard.events.recording import SYSTEM


def test_a_key_names_its_organization_in_one_query(
    mara_key: str, northwind: Organization, django_assert_num_queries: object
) -> None:
    authenticate_key(mara_key)
    with django_assert_num_queries(1):
        key = authenticate_key(mara_key)
        assert key is not None
        assert key.organization == northwind


@pytest.mark.parametrize(
    "change", [lambda k: k[:-1], lambda k: k + "A", lambda k: k.upper(), lambda k: k[:-1] + "é", lambda _: ""]
)
def test_anything_else_is_nobody(mara_key: str, change: object) -> None:
    assert authenticate_key(change(mara_key)) is None


def test_a_key_of_the_right_shape_that_nobody_has_is_nobody(mara_key: str) -> None:
    other = mara_key[:8] + mara_key[8:][::-1]
    assert authenticate_key(other) is None


def test_only_a_digest_is_kept(mara_key: str) -> None:
    row = ApiKey.objects.values().get()
    assert mara_key[12:] not in str(row)
    assert len(bytes(row["digest"])) == 32


def test_two_different_keys_in_one_request_are_nobody(mara: Member, mara_key: str) -> None:
    other = issue_key(organization=mara.organization, actor=SYSTEM, label="Shop", scopes=["orders:read"]).raw
    assert authenticate_presented([mara_key, mara_key]) == ApiKey.objects.get(label="ERP")
    assert authenticate_presented([mara_key, other]) is None
    assert authenticate_presented([mara_key, ""]) is None
    assert authenticate_presented([]) is None


def test_last_used_is_noted_at_most_once_a_minute(mara_key: str) -> None:
    def last_used() -> object:
        authenticate_key(mara_key)
        return ApiKey.objects.get().last_used_at

    first = last_used()
    assert first is not None
    assert last_used() == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    assert last_used() >= first


def test_write_implies_read_and_nothing_more(mara_key: str) -> None:
    key = ApiKey.objects.get()
    assert allows(key, "orders:write")
    assert allows(key, "orders:read")
    assert not allows(key, "receipts:read")
    key.scopes = ["orders:read"]
    assert not allows(key, "orders:write")


def test_unknown_scopes_are_named(northwind: Organization) -> None:
    with pytest.raises(AccountError, match=r"Unknown scope 'orders:destroy'\. There are: .*orders:write"):
        issue_key(organization=northwind, actor=SYSTEM, label="ERP", scopes=["orders:destroy"])
    with pytest.raises(AccountError, match="Name at least one scope"):
        issue_key(organization=northwind, actor=SYSTEM, label="ERP", scopes=[])
    assert not ApiKey.objects.exists()
