"""What people do with connections and deliveries."""

from __future__ import annotations

import json

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.http import Http404

from bench.widgets import WidgetAdapter
from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.models import Event, EventBody
from dashboard.events.recording import SYSTEM, Actor
from dashboard.upstream import services
from dashboard.upstream.access import get_connection, get_delivery
from dashboard.upstream.addresses import AddressRefused, check_address, check_url
from dashboard.upstream.models import Budget, Connection, Delivery
from dashboard.upstream.queries import attention_count, deliveries_for, page_of_deliveries, queue_counts
from dashboard.upstream.sealing import SealBroken, unseal
from dashboard.upstream.services import UpstreamError
from tests.upstream.conftest import KEY, connected, delivery_of, owes, send_due, widget, widgets
from tests.upstream.fake import Said, Upstream

State = Delivery.State


def refuse(connection: Connection, upstream: Upstream, count: int) -> list[Delivery]:
    owed = widgets(count)
    owes(connection.organization, *owed)
    upstream.will_say(*(Said(400, b'{"message": "no"}', keeps=False) for _ in owed))
    send_due(connection)
    return [delivery_of(one) for one in owed]


def test_connecting_seals_the_key_and_tells_it_nowhere(connection: Connection) -> None:
    assert unseal(connection.sealed_secret) == KEY
    assert KEY not in json.dumps([list(Event.objects.values_list("data")), list(EventBody.objects.values_list("text"))])
    assert Event.objects.get(kind="connection.created").subject == f"connection:{connection.pk}"


def test_another_sealing_key_pauses_instead_of_sending_nonsense(
    connection: Connection, upstream: Upstream, settings: LazySettings
) -> None:
    owes(connection.organization, widget())
    settings.SEALING_KEY = "rotated without a thought"
    with pytest.raises(SealBroken):
        unseal(connection.sealed_secret)
    send_due(connection)
    connection.refresh_from_db()
    assert (connection.state, upstream.heard) == (Connection.State.PAUSED, [])


def test_connections_with_one_key_share_a_budget_and_others_do_not(
    connection: Connection, stranger_org: Organization, upstream: Upstream
) -> None:
    assert connected(stranger_org, upstream.url).budget_id == connection.budget_id
    assert Budget.objects.count() == 1
    about = {"organization": stranger_org, "actor": SYSTEM}
    moved = services.replace_secret(**about, connection_id=stranger_org.connections.get().pk, secret="their own")
    assert moved.budget_id != connection.budget_id


@pytest.mark.parametrize(
    ("system", "url", "secret", "field"),
    [
        ("hesh", "api.hesh.app", "k", "base_url"),
        ("hesh", "http://user:word@127.0.0.1", "k", "base_url"),
        ("hesh", "http://127.0.0.1:99999999", "k", "base_url"),
        ("hesh", "http://no-such-host.invalid", "k", "base_url"),
        ("hesh", "http://127.0.0.1", " ", "secret"),
        ("hesh", "http://127.0.0.1", "k\nx-admin: 1", "secret"),
        ("fax", "http://127.0.0.1", "k", "system"),
        ("heso", "http://127.0.0.1", "k", "system"),
    ],
)
def test_connecting_nonsense_is_refused_by_field(
    connection: Connection, system: str, url: str, secret: str, field: str
) -> None:
    new = services.NewConnection(system=system, base_url=url, secret=secret)
    with pytest.raises(UpstreamError) as refused:
        services.connect(organization=connection.organization, actor=SYSTEM, connection=new)
    assert refused.value.field == field
    assert Connection.objects.count() == 1


def test_a_second_connection_to_the_same_system_is_refused(connection: Connection, upstream: Upstream) -> None:
    with pytest.raises(UpstreamError, match="already"):
        connected(connection.organization, upstream.url)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1"])
def test_outside_the_demo_private_addresses_are_refused(settings: LazySettings, address: str) -> None:
    settings.DEMO = False
    with pytest.raises(AddressRefused):
        check_address(address)


def test_outside_the_demo_only_https_is_spoken(settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(AddressRefused, match="https"):
        check_url("http://example.com")


def test_an_address_is_checked_again_when_sending(
    connection: Connection, upstream: Upstream, settings: LazySettings
) -> None:
    one = widget()
    owes(connection.organization, one)
    settings.DEMO = False
    send_due(connection)
    assert (delivery_of(one).state, upstream.heard) == (State.RETRYING, [])
    assert "private address" in delivery_of(one).reason


def test_pausing_twice_says_so_once(connection: Connection, mara: Member) -> None:
    actor = Actor.of_user(mara.user)
    about = {"organization": connection.organization, "actor": actor, "connection_id": connection.pk}
    for _ in range(2):
        services.pause_connection(**about, reason="Stocktaking")
    assert Event.objects.filter(kind="connection.paused", actor=actor.ref).count() == 1


def test_a_new_key_ends_the_pause_that_the_old_one_caused(connection: Connection, upstream: Upstream) -> None:
    owes(connection.organization, widget())
    upstream.will_say(Said(401, b"", keeps=False))
    send_due(connection)
    about = {"organization": connection.organization, "actor": SYSTEM, "connection_id": connection.pk}
    changed = services.replace_secret(**about, secret="a better key")
    assert changed.state == Connection.State.ACTIVE
    send_due(changed)
    assert upstream.heard[-1].headers["x-api-key"] == "a better key"


@pytest.mark.django_db(transaction=True)
def test_testing_a_connection_reads_for_real_even_while_paused(connection: Connection, upstream: Upstream) -> None:
    about = {"organization": connection.organization, "actor": SYSTEM, "connection_id": connection.pk}
    services.pause_connection(**about)
    works = services.test_connection(**about)
    assert works.works
    assert [heard.method for heard in upstream.heard] == ["GET"]
    upstream.will_say(Said(401, b""))
    refused = services.test_connection(**about)
    assert (refused.works, "401" in refused.detail) == (False, True)


def test_refused_deliveries_are_sent_again_singly_and_in_bulk(
    connection: Connection, upstream: Upstream, mara: Member
) -> None:
    first, *others = refuse(connection, upstream, 3)
    about = {"organization": connection.organization, "actor": Actor.of_user(mara.user)}
    assert services.retry_delivery(**about, delivery_id=first.pk).urgent
    acted = services.retry_deliveries(**about, delivery_ids=[one.pk for one in others] + [first.pk])
    assert (acted.done, list(acted.skipped)) == (2, [first.pk])
    send_due(connection)
    assert Delivery.objects.filter(state=State.DELIVERED).count() == 3
    assert Event.objects.filter(kind="delivery.retried").count() == 3


def test_giving_up_is_visible_and_can_be_taken_back(connection: Connection, upstream: Upstream) -> None:
    (one,) = refuse(connection, upstream, 1)
    about = {"organization": connection.organization, "actor": SYSTEM, "delivery_id": one.pk}
    assert services.give_up_delivery(**about).state == State.GIVEN_UP
    assert attention_count(connection.organization) == 1
    assert services.retry_delivery(**about).state == State.WAITING
    send_due(connection)
    with pytest.raises(UpstreamError, match="can't be given up"):
        services.give_up_delivery(**about)


def test_asking_is_only_for_unknown_outcomes(connection: Connection, upstream: Upstream) -> None:
    (refused,) = refuse(connection, upstream, 1)
    one = widget()
    owes(connection.organization, one)
    upstream.will_say(Said(500, b"", keeps=False))
    send_due(connection)
    unknown = delivery_of(one)
    acted = services.ask_upstream(
        organization=connection.organization, actor=SYSTEM, delivery_ids=[refused.pk, unknown.pk]
    )
    assert (acted.done, list(acted.skipped)) == (1, [refused.pk])


def test_a_note_is_an_event_whose_text_can_be_erased(connection: Connection, upstream: Upstream, mara: Member) -> None:
    (one,) = refuse(connection, upstream, 1)
    note = services.note_delivery(
        organization=connection.organization, actor=SYSTEM, delivery_id=one.pk, author=mara.user, text=" Called them. "
    )
    assert note.text == "Called them."
    assert Event.objects.get(kind="delivery.noted").data["note"] == note.pk


def test_a_stranger_sees_and_does_nothing(connection: Connection, upstream: Upstream, vera: Member) -> None:
    (one,) = refuse(connection, upstream, 1)
    with pytest.raises(Http404):
        get_delivery(vera, one.pk)
    with pytest.raises(Http404):
        get_connection(vera, connection.pk)
    acted = services.retry_deliveries(organization=vera.organization, actor=SYSTEM, delivery_ids=[one.pk])
    assert (acted.done, list(acted.skipped)) == (0, [one.pk])
    assert deliveries_for(vera.organization, "widget", [one.subject_id]) == {}
    assert page_of_deliveries(vera.organization) == []
    with pytest.raises(UpstreamError):
        services.pause_connection(organization=vera.organization, actor=SYSTEM, connection_id=connection.pk)


def test_the_own_people_see_them(connection: Connection, upstream: Upstream, mara: Member) -> None:
    (one,) = refuse(connection, upstream, 1)
    assert get_delivery(mara, one.pk) == one
    assert get_connection(mara, connection.pk) == connection
    assert deliveries_for(mara.organization, "widget", [one.subject_id]) == {one.subject_id: one}
    assert page_of_deliveries(mara.organization, states=[State.REFUSED]) == [one]
    assert queue_counts(connection)["refused"] == 1


def test_the_command_connects_and_prints_json(
    northwind: Organization, adapter: WidgetAdapter, upstream: Upstream, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["connect", "hesh", "--org", "northwind", "--url", f"{upstream.url}/", "--key", "k"]
    call_command(*arguments, "--rate", "5", "--burst", "10")
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"id": str(Connection.objects.get().pk), "system": "hesh", "url": upstream.url}
    assert Budget.objects.get().windows == [[5, 1.0]]
    with pytest.raises(CommandError, match="already"):
        call_command(*arguments)


def test_the_certificate_has_every_send(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    owes(connection.organization, *widgets(3))
    send_due(connection)
    call_command("limit_certificate", "--org", "northwind")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(line) for line in lines] == [
        {"connection", "attempt", "sent_at", "answered_at", "status", "windows"}
    ] * 3
    assert {(line["connection"], line["status"]) for line in lines} == {(str(connection.pk), 200)}
    assert all(line["sent_at"] < line["answered_at"] for line in lines)
