"""The three windows of the Public API, as its callers see them."""

from __future__ import annotations

import pytest

from dashboard.accounts.access import Member
from dashboard.accounts.api_keys import issue_key
from dashboard.events.recording import SYSTEM
from dashboard.throttling.windows import WindowLimiter
from orders.api import door
from orders.models import Order
from tests.orders.api.conftest import Call, body_of, order_body


@pytest.fixture
def _three_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "KEYS", WindowLimiter("test-keys", ((3, 3_600.0),)))
    monkeypatch.setattr(door, "ADDRESSES", WindowLimiter("test-addresses", ((2, 3_600.0),)))


def test_the_windows_are_those_of_the_contract() -> None:
    assert door.WINDOWS == ((15, 1.0), (300, 60.0), (4_000, 3_600.0))


def test_every_answer_says_where_its_key_stands(erp: Call) -> None:
    response = erp("GET", "/orders")
    assert (response["X-RateLimit-Limit"], response["X-RateLimit-Remaining"]) == ("15", "14")
    assert response["X-RateLimit-Reset"] == "1"
    assert "Retry-After" not in response


@pytest.mark.usefixtures("_three_an_hour")
def test_going_over_is_429_and_changes_nothing(erp: Call, mara: Member) -> None:
    statuses = [erp("POST", "/orders", order_body(n)).status_code for n in range(3)]
    response = erp("POST", "/orders", order_body(9))
    assert statuses == [201] * 3
    body = body_of(response)
    assert (response.status_code, body["statusCode"], body["error"]) == (429, 429, "Too Many Requests")
    assert (response["X-RateLimit-Limit"], response["X-RateLimit-Remaining"]) == ("3", "0")
    assert response["Retry-After"] == response["X-RateLimit-Reset"] == "3600"
    assert Order.objects.count() == 3
    other = issue_key(organization=mara.organization, actor=SYSTEM, label="Shop", scopes=["orders:write"]).raw
    assert erp("GET", "/orders", x_api_key=other).status_code == 200


@pytest.mark.usefixtures("_three_an_hour")
def test_callers_without_a_key_share_the_windows_of_their_address(erp: Call) -> None:
    statuses = [erp("GET", "/orders", x_api_key=f"guess-{n}").status_code for n in range(3)]
    assert statuses == [401, 401, 429]
    assert erp("GET", "/nothing", x_api_key="").status_code == 429
    assert erp("GET", "/orders").status_code == 200


@pytest.mark.usefixtures("_three_an_hour")
def test_behind_the_proxy_the_address_is_the_one_that_it_saw(erp: Call, settings: object) -> None:
    settings.TRUSTED_PROXY = True
    for last in ("203.0.113.7", "203.0.113.8"):
        forwarded = f"198.51.100.1, {last}"
        statuses = [erp("GET", "/orders", x_api_key="", x_forwarded_for=forwarded).status_code for _ in range(3)]
        assert statuses == [401, 401, 429]
