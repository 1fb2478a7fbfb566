"""The frame around every page: the places a role may open, and nothing that depends on more than it."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from dashboard.accounts.access import Member
from dashboard.console.shell import NavigationItem, shell
from dashboard.events.recording import SYSTEM, recording
from dashboard.registry import Domain, Place, registry
from tests.cast import ClientOf


def navigation(member: Member, path: str = "/settings/keys") -> dict[str, NavigationItem]:
    request = RequestFactory().get(path)
    request.member, request.memberships = member, []
    return {item.label: item for item in shell(request)["navigation"]}


def test_each_role_has_its_places(mara: Member, lena: Member, otto: Member) -> None:
    assert {"Home", "Members", "API keys"} <= set(navigation(mara))
    assert {"Home", "Members", "API keys"} <= set(navigation(otto))
    assert "API keys" not in navigation(lena)
    assert {"Home", "Members"} <= set(navigation(lena))


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", "Home"), ("/settings/keys", "API keys"), ("/settings/keys/create", "API keys"), ("/settings/keysmith", "")],
)
def test_one_place_is_current(mara: Member, path: str, current: str) -> None:
    assert "".join(item.label for item in navigation(mara, path).values() if item.current) == current


@pytest.fixture
def counted_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place with a badge that counts members."""
    place = Place("Settings", "members", "users", "members.view", badge=lambda o: o.memberships.count())
    monkeypatch.setitem(registry.domains, "counted", Domain(name="counted", places=(place,)))


def test_badges_count_for_the_organization(mara: Member, sam: Member, vera: Member, counted_place: None) -> None:
    badge = navigation(mara)["Settings"]
    assert (badge.badge, badge.badge_id, badge.url) == (2, "badge-members", "/settings/members")
    assert navigation(vera)["Settings"].badge == 1
    assert navigation(mara)["Members"].badge is None


def test_visitors_have_no_frame(rf: RequestFactory) -> None:
    assert shell(rf.get("/sign-in")) == {
        "member": None,
        "organization": None,
        "organizations": [],
        "navigation": [],
        "live_seq": 0,
        "request_id": "",
    }


def test_a_page_says_where_the_log_stood_before_it_read_anything(client_of: ClientOf, mara: Member) -> None:
    client = client_of(mara)
    assert client.get("/").context["live_seq"] == 0
    with recording(mara.organization, SYSTEM) as log:
        log.record("member.signed_in", subject=f"user:{mara.user.pk}")
    assert client.get("/").context["live_seq"] == 1
