"""What an open page is told, and what it is not told."""

from __future__ import annotations

import pytest
from channels.db import database_sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client

from dashboard.accounts.models import Membership, Organization, User
from dashboard.events import wake
from dashboard.events.hub import hub
from tests.events.conftest import parcel_rows
from tests.events.screen import Screen, happens, signed_in

pytestmark = [pytest.mark.django_db(transaction=True)]
SEEN = frozenset({"success_manager"})


@pytest.fixture
def ann(depot: Organization) -> Client:
    return signed_in(depot, "ann", "success_manager")


async def test_a_page_that_missed_nothing_is_current(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        assert await screen.open(0, "parcel-row:1") == {"type": "current", "seq": 0}


async def test_a_row_pushed_onto_a_stale_page_is_the_row_of_a_fresh_one(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1 parcel-row:2")
        await happens(depot, ("parcel.packed", "parcel:1"))
        frame = await screen.next()

    fresh = await database_sync_to_async(parcel_rows)(depot, ["1"], SEEN)
    assert frame == {"type": "frame", "seq": 1, "html": [fresh["1"]], "lists": {}, "badges": {}}


async def test_a_bulk_command_reaches_every_row_that_it_names(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1 parcel-row:2 parcel-row:3")
        await happens(depot, ("parcel.labelled", "bulk:9"), data={"ids": ["1", "3", "77"]})
        frame = await screen.next()

    assert [html[:20] for html in frame["html"]] == ['<tr id="parcel-row-1', '<tr id="parcel-row-3']


async def test_what_is_not_on_screen_is_only_counted(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1 parcel-row:ghost", lists="parcel order")
        await happens(depot, ("parcel.lost", "parcel:1"), ("parcel.lost", "parcel:2"), ("parcel.lost", "parcel:ghost"))
        frame = await screen.next()

    assert len(frame["html"]) == 1
    assert frame["lists"] == {"parcel": 2}
    assert frame["badges"] == {"badge-parcels": 3}


async def test_who_may_not_see_parcels_hears_nothing_of_them(depot: Organization, ann: Client) -> None:
    lena = await database_sync_to_async(signed_in)(depot, "lena", "team_lead")
    async with Screen(depot, lena) as screen, Screen(depot, ann) as witness:
        await screen.open(0, "parcel-row:1", "belt:7", "parcel")
        await witness.open(0, "parcel-row:1")
        await happens(depot, ("parcel.lost", "parcel:1"))
        assert (await witness.next())["type"] == "frame"
        assert await screen.open(0, "parcel-row:1", "belt:7", "parcel") == {"type": "current", "seq": 1}


async def test_each_set_of_roles_gets_its_own_row(depot: Organization, ann: Client) -> None:
    otto = await database_sync_to_async(signed_in)(depot, "otto", "owner")
    async with Screen(depot, ann) as screen, Screen(depot, otto) as owners:
        await screen.open(0, "parcel-row:1")
        await owners.open(0, "parcel-row:1")
        await happens(depot, ("parcel.packed", "parcel:1"))
        assert "price" not in (await screen.next())["html"][0]
        assert "price" in (await owners.next())["html"][0]


async def test_another_organization_is_not_heard(depot: Organization, annex: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1")
        await happens(annex, ("parcel.lost", "parcel:1"))
        await happens(depot, ("parcel.packed", "parcel:1"))
        frame = await screen.next()

    assert "<td>1</td>" in frame["html"][0]


async def test_a_page_that_was_away_gets_what_it_missed(depot: Organization, ann: Client) -> None:
    await happens(depot, ("parcel.packed", "parcel:1"))
    await happens(depot, ("parcel.packed", "parcel:2"))
    async with Screen(depot, ann) as screen:
        frame = await screen.open(1, "parcel-row:1 parcel-row:2")
        assert frame["seq"] == 2
        assert [html[:20] for html in frame["html"]] == ['<tr id="parcel-row-2']
        await happens(depot, ("parcel.packed", "parcel:1"))
        assert (await screen.next())["seq"] == 3
        again = await screen.open(2, "parcel-row:1")
        assert (again["seq"], len(again["html"])) == (3, 1)


@pytest.mark.parametrize("ahead", [0, 500])
async def test_a_page_that_missed_too_much_or_knows_another_log_starts_afresh(
    depot: Organization, ann: Client, ahead: int
) -> None:
    await happens(depot, *[("parcel.packed", f"parcel:{number}") for number in range(101)])
    async with Screen(depot, ann) as screen:
        assert await screen.open(ahead, "parcel-row:1") == {"type": "reload", "jitter": [0.2, 5]}


async def test_a_gauge_is_sent_when_it_changed(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        first = await screen.open(0, gauges="belt:7 belt:none")
        assert first["html"] == ['<p id="belt-7">0 on the belt</p>']
        await happens(depot, ("parcel.packed", "parcel:1"))
        assert (await screen.next())["html"] == ['<p id="belt-7">1 on the belt</p>']


async def test_a_broken_row_reloads_its_page_and_no_other(
    depot: Organization, ann: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async with Screen(depot, ann) as broken, Screen(depot, ann) as fine:
        await broken.open(0, "parcel-row:broken")
        await fine.open(0, gauges="belt:7")
        await happens(depot, ("parcel.packed", "parcel:broken"))
        assert (await broken.next())["type"] == "reload"
        assert (await fine.next())["html"] == ['<p id="belt-7">1 on the belt</p>']
    assert "parcel-row could not be rendered" in caplog.text


async def test_heartbeats_carry_the_position(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0)
        await happens(depot, ("parcel.packed", "parcel:1"))
        while (message := await screen.next(heartbeats=True)) != {"type": "heartbeat", "seq": 1}:
            assert message["type"] in {"heartbeat", "frame"}


async def test_without_redis_pages_follow_anyway(
    depot: Organization, ann: Client, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "unix:///nonexistent/redis.sock"  # type: ignore[attr-defined]
    settings.CHANNEL_LAYERS = {  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["unix:///nonexistent/redis.sock"]},
        }
    }
    wake._publisher.cache_clear()
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1")
        await happens(depot, ("parcel.packed", "parcel:1"))
        await happens(depot, ("parcel.packed", "parcel:1"))
        seen = await screen.next()
        if seen["seq"] == 1:
            seen = await screen.next()
    wake._publisher.cache_clear()

    assert "<td>2</td>" in seen["html"][0]
    assert "Redis did not take a wake-up" in caplog.text
    assert "Redis can't be heard" in caplog.text


async def test_the_feed_ends_with_its_last_page(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0)
        feed = hub().feeds[depot.pk]
    async with Screen(depot, ann) as screen:
        await screen.open(0)

    assert not feed.pages or hub().feeds[depot.pk] is feed


async def test_strangers_and_visitors_are_turned_away(depot: Organization, annex: Organization, ann: Client) -> None:
    async with Screen(annex, ann) as strangers, Screen(depot, None) as visitors:
        assert await strangers.next() == {"type": "close", "code": 4403}
        assert await visitors.next() == {"type": "close", "code": 4403}


async def test_other_sites_may_not_connect(depot: Organization, ann: Client) -> None:
    screen = Screen(depot, ann, origin="https://elsewhere.example")
    accepted, _ = await screen.socket.connect()
    assert not accepted


@pytest.mark.parametrize(
    "sent",
    [
        '{"type":"subscribe"}',
        '{"type":"hello","seq":-1}',
        '{"type":"hello","seq":0,"regions":["no colon"]}',
        "not json",
        '{"type":"hello","seq":0,"regions":["' + "x" * 40_000 + '"]}',
        b"{}",
    ],
)
async def test_what_is_not_in_the_protocol_closes_the_socket(
    depot: Organization, ann: Client, sent: str | bytes
) -> None:
    async with Screen(depot, ann) as screen:
        if isinstance(sent, bytes):
            await screen.socket.send_to(bytes_data=sent)
        else:
            await screen.socket.send_to(text_data=sent)
        assert await screen.next() == {"type": "close", "code": 4400}


async def test_a_removed_member_hears_nothing_more(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1", lists="parcel")
        await database_sync_to_async(Membership.objects.all().delete)()
        await happens(depot, ("parcel.lost", "parcel:1"), ("member.removed", "user:ann"))
        assert await screen.next() == {"type": "close", "code": 4403}


def _signs_out() -> None:
    Session.objects.all().delete()


def _changes_password() -> None:
    user = User.objects.get()
    user.set_password("another long password")
    user.save()


def _is_deactivated() -> None:
    User.objects.update(is_active=False)


@pytest.mark.parametrize("loses_access", [_signs_out, _changes_password, _is_deactivated])
async def test_who_is_no_longer_signed_in_is_closed(depot: Organization, ann: Client, loses_access: object) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1")
        await database_sync_to_async(loses_access)()  # type: ignore[arg-type]
        await happens(depot, ("parcel.lost", "parcel:1"), ("member.signed_out", "user:ann"))
        assert await screen.next() == {"type": "close", "code": 4403}


async def test_an_expired_session_is_closed_without_any_event(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0)
        await database_sync_to_async(_signs_out)()
        assert await screen.next() == {"type": "close", "code": 4403}


async def test_other_roles_mean_another_page(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0, "parcel-row:1")
        await database_sync_to_async(Membership.objects.update)(roles=["team_lead"])
        await happens(depot, ("parcel.lost", "parcel:1"), ("member.roles_changed", "user:ann"))
        assert (await screen.next())["type"] == "reload"
        await happens(depot, ("parcel.lost", "parcel:1"))
        assert await screen.open(3, "parcel-row:1") == {"type": "current", "seq": 3}


async def test_a_page_that_does_not_keep_up_starts_afresh(depot: Organization, ann: Client) -> None:
    async with Screen(depot, ann) as screen:
        await screen.open(0)
        (page,) = hub().feeds[depot.pk].pages
        for number in range(40):
            page.offer({"type": "frame", "seq": number})
        received = [await screen.next() for _ in range(2)]

    assert received[0] == {"type": "reload", "jitter": [0.2, 5]}
