"""A create without an answer is asked about, never blindly repeated; the list decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import orjson
import pytest
from django.conf import LazySettings
from django.db.models import F

from dashboard.accounts.access import Member
from dashboard.events.recording import SYSTEM
from dashboard.upstream.models import Attempt, Connection, Delivery
from dashboard.upstream.services.connections import NewConnection, connect
from orders.models import Production
from orders.services.ordering import cancel_order
from tests.orders.hesh.conftest import delivery, orders
from tests.upstream.conftest import send_due
from tests.upstream.fake import Said, Upstream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def shaky(mara: Member, upstream: Upstream, settings: LazySettings) -> Connection:
    settings.DEMO = True
    new = NewConnection(system="hesh", base_url=upstream.url, secret="key", timeout_seconds=1.0)
    return connect(organization=mara.organization, actor=SYSTEM, connection=new)


def send(connection: Connection) -> None:
    """One round; on a busy machine the floor may find itself too late to begin a request, and sends that anew."""
    while not all(answer.sent for answer in send_due(connection).answers):
        pass


def says(status: int, body: object) -> Said:
    return Said(status, body if isinstance(body, bytes) else orjson.dumps(body), keeps=False)


def long_ago(connection: Connection) -> None:
    """As if all that has happened had happened a minute earlier."""
    ago = timedelta(minutes=1)
    Attempt.objects.update(claimed_at=F("claimed_at") - ago, deadline_at=F("deadline_at") - ago)
    Attempt.objects.exclude(answered_at=None).update(answered_at=F("answered_at") - ago)
    Delivery.objects.update(due_at=F("due_at") - ago, unknown_since=F("unknown_since") - ago)
    connection.budget.__class__.objects.update(blocked_until=None, block_streak=0, next_at=None)


@pytest.mark.parametrize(
    "garbage", [says(200, b"<html>maintenance</html>"), says(502, b""), Said(201, cut=0, keeps=False)]
)
def test_a_yes_of_the_list_settles_a_create(mara: Member, upstream: Upstream, shaky: Connection, garbage: Said) -> None:
    orders(mara)
    upstream.will_say(garbage, says(200, [{"id": "77", "external_order_id": "WEB-1", "is_deleted": False}]))
    send(shaky)
    assert delivery("order").state == Delivery.State.UNKNOWN
    long_ago(shaky)
    send(shaky)
    settled = delivery("order")
    assert (settled.state, settled.remote_id) == (Delivery.State.DELIVERED, "77")
    assert settled.acknowledged["external_order_id"] == "WEB-1"
    assert [heard.method for heard in upstream.heard] == ["POST", "GET"]


def test_a_no_of_the_list_sends_it_again(mara: Member, upstream: Upstream, shaky: Connection) -> None:
    orders(mara)
    upstream.will_say(says(500, b""), says(200, []), says(201, {"id": "78", "external_order_id": "WEB-1"}))
    for _ in range(3):
        send(shaky)
        long_ago(shaky)
    assert [heard.method for heard in upstream.heard] == ["POST", "GET", "POST"]
    assert delivery("order").remote_id == "78"


def test_a_cancel_waits_until_the_create_is_settled(mara: Member, upstream: Upstream, shaky: Connection) -> None:
    order = orders(mara)
    upstream.will_say(says(500, b""))
    send(shaky)
    cancel_order(organization=mara.organization, actor=SYSTEM, order_id=order.pk)
    upstream.will_say(says(200, [{"id": "77", "external_order_id": "WEB-1"}]), says(200, {"message": "ok"}))
    for _ in range(2):
        long_ago(shaky)
        send(shaky)
    assert [heard.method for heard in upstream.heard] == ["POST", "GET", "DELETE"]
    assert delivery("order").acknowledged["is_deleted"] is True


def test_a_cancel_without_an_answer_is_asked_about(mara: Member, upstream: Upstream, shaky: Connection) -> None:
    order = orders(mara)
    listed = {"id": "77", "external_order_id": "WEB-1"}
    upstream.will_say(says(201, listed), says(500, b""), says(200, [{**listed, "is_deleted": False}]))
    upstream.will_say(says(404, {"message": "no such order"}))
    send(shaky)
    cancel_order(organization=mara.organization, actor=SYSTEM, order_id=order.pk)
    for _ in range(3):
        long_ago(shaky)
        send(shaky)
    assert [heard.method for heard in upstream.heard] == ["POST", "DELETE", "GET", "DELETE"]
    assert delivery("order").state == Delivery.State.DELIVERED


def test_strange_productions_are_not_taken_over(mara: Member, upstream: Upstream, shaky: Connection) -> None:
    order = orders(mara)
    productions = [{"id": "1", "key": "H-1", "status": "Done", "progress": 100}, {"id": "2", "status": "Melted"}, 7]
    items = [
        {"line_item_id": "a", "productions": productions},
        {"line_item_id": "zzz", "productions": productions},
        None,
    ]
    upstream.will_say(says(201, {"id": "77", "order_items": items}))
    send(shaky)
    mirrored = Production.objects.filter(line_item__order=order).order_by("line_item__position", "number")
    assert list(mirrored.values_list("key", "status", "progress")) == [
        ("H-1", "Done", 100),
        ("NW-1-1-2", "To do", 0),
        ("NW-1-2-1", "To do", 0),
    ]
