"""Commands over many orders: frozen, previewed, run once, reported, and nothing when repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from dashboard.accounts.access import Member
from dashboard.accounts.models import Membership
from dashboard.events.models import Event
from dashboard.upstream.models import Delivery
from orders import bulk_jobs, tasks
from orders.models import BulkJob, Order
from tests.cast import ClientOf
from tests.orders.lists.conftest import MakeDelivery, MakeOrder


@pytest.fixture
def three(mara: Member, make_order: MakeOrder) -> list[Order]:
    return [make_order(mara.organization, f"E-{at}") for at in range(3)]


def command(browser: Browser, orders: Sequence[Order], action: str, **form: Any) -> HttpResponse:
    return browser.post("/orders/bulk", {"action": action, "selected": [order.pk for order in orders], **form})


def the_job() -> BulkJob:
    return BulkJob.objects.get()


def run(browser: Browser, job: BulkJob) -> str:
    return browser.post(f"/orders/bulk/{job.pk}/run", follow=True).content.decode()


def test_a_selection_is_shown_before_anything_happens_and_then_done_once(
    mara: Member, client_of: ClientOf, three: list[Order]
) -> None:
    Order.objects.filter(pk=three[0].pk).update(priority="High")
    browser = client_of(mara)
    answer = command(browser, three, "priority", priority="High")
    job = the_job()
    assert answer.headers["Location"] == f"/orders/bulk/{job.pk}"
    preview = browser.get(f"/orders/bulk/{job.pk}")
    assert (preview.context["preview"].total, preview.context["preview"].changes) == (3, 2)
    assert list(preview.context["preview"].skips) == [("Its priority is High already.", 1)]
    assert "Set the priority to High" in preview.content.decode()
    assert Order.objects.filter(priority="High").count() == 1

    assert "2</span> of" in run(browser, job)
    assert Order.objects.filter(priority="High").count() == 3
    job.refresh_from_db()
    assert (job.state, job.done, job.changed) == ("done", 3, 2)
    assert [skip["reason"] for skip in job.skipped] == ["Its priority is High already."]

    events = Event.objects.count()
    run(browser, job)
    command(browser, three, "priority", priority="High")
    again = BulkJob.objects.latest("created_at")
    run(browser, again)
    again.refresh_from_db()
    assert (again.changed, len(again.skipped)) == (0, 3)
    # The second command has nothing to say but that it was given.
    assert Event.objects.filter(kind="order.updated").count() == 2
    assert Event.objects.count() == events + 1


@pytest.mark.parametrize(
    ("action", "form", "expected"),
    [
        ("deadline", {"deadline": "2030-02-03"}, {"deadline_at__date": "2030-02-03"}),
        ("tag", {"tag": "Rush order"}, {"line_items__tags": ["Rush order"]}),
        ("assign", {"assignee": "me"}, {"assignee__email": "mara@northwind.example"}),
        ("cancel", {}, {"is_deleted": True, "stage": "cancelled"}),
    ],
)
def test_each_command_changes_every_order_and_repeating_it_changes_none(
    mara: Member,
    client_of: ClientOf,
    three: list[Order],
    *,
    action: str,
    form: dict[str, str],
    expected: dict[str, Any],
) -> None:
    browser = client_of(mara)
    command(browser, three, action, **form)
    run(browser, the_job())
    assert Order.objects.filter(**expected).count() == 3
    again = bulk_jobs.get_job(mara, BulkJob.objects.get().pk)
    assert again.changed == 3
    command(browser, three, action, **form)
    second = BulkJob.objects.latest("created_at")
    preview = browser.get(f"/orders/bulk/{second.pk}").context["preview"]
    assert (preview.changes, sum(count for _, count in preview.skips)) == (0, 3)


def test_everything_that_matches_is_frozen_when_the_command_is_given(
    mara: Member, client_of: ClientOf, three: list[Order], make_order: MakeOrder
) -> None:
    Order.objects.filter(pk=three[0].pk).update(stage="done")
    browser = client_of(mara)
    browser.post(
        "/orders/bulk", {"action": "priority", "priority": "Low", "everything": "1", "query": "view=all&stage=to_do"}
    )
    make_order(mara.organization, "E-late")
    run(browser, the_job())
    changed = Order.objects.filter(priority="Low").values_list("external_order_id", flat=True)
    assert sorted(changed) == ["E-1", "E-2"]


def test_refused_orders_are_sent_again_and_unknown_ones_are_asked_about(
    mara: Member, client_of: ClientOf, three: list[Order], make_delivery: MakeDelivery
) -> None:
    make_delivery(three[0], "refused", reason="no")
    make_delivery(three[1], "delivered")
    browser = client_of(mara)
    command(browser, three[:2], "send_again")
    assert list(browser.get(f"/orders/bulk/{the_job().pk}").context["preview"].skips) == [
        ("Nothing of it was refused, given up or is unknown.", 1)
    ]
    run(browser, the_job())
    assert Delivery.objects.get(lane=three[0].pk).state == "waiting"
    assert Delivery.objects.get(lane=three[1].pk).state == "delivered"


def test_giving_up_ends_what_waits(
    mara: Member, client_of: ClientOf, three: list[Order], make_delivery: MakeDelivery
) -> None:
    make_delivery(three[0], "waiting")
    browser = client_of(mara)
    command(browser, three[:1], "give_up")
    run(browser, the_job())
    assert Delivery.objects.get(lane=three[0].pk).state == "given_up"


def test_the_preview_tells_what_it_costs_upstream(
    mara: Member, client_of: ClientOf, three: list[Order], make_delivery: MakeDelivery
) -> None:
    make_delivery(three[0], "waiting")
    make_delivery(three[1], "delivered")
    browser = client_of(mara)
    command(browser, three[:2], "priority", priority="High")
    cost = browser.get(f"/orders/bulk/{the_job().pk}").context["cost"]
    assert (cost.connected, cost.calls, cost.saved) == (True, 1, 1)


def test_a_button_beside_one_order_acts_at_once_and_comes_back(
    mara: Member, client_of: ClientOf, three: list[Order], make_delivery: MakeDelivery
) -> None:
    make_delivery(three[0], "refused", reason="no")
    answer = client_of(mara).post(
        "/orders/bulk", {"one": f"send_again:{three[0].pk}", "next": "/orders?view=attention"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/orders?view=attention")
    assert Delivery.objects.get(lane=three[0].pk).state == "waiting"


def test_coming_back_never_leads_elsewhere(mara: Member, client_of: ClientOf, three: list[Order]) -> None:
    answer = client_of(mara).post("/orders/bulk", {"one": f"cancel:{three[0].pk}", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/orders"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"action": "priority", "priority": "Urgent"}, "Choose a priority"),
        ({"action": "deadline", "deadline": "2026-02-30"}, "is not a date"),
        ({"action": "tag", "tag": " "}, "Give a tag of 1 to 80"),
        ({"action": "assign", "assignee": str(uuid4())}, "Choose a member"),
        ({"action": "cancel", "selected": []}, "No order is selected."),
        ({"action": "cancel", "selected": ["x"]}, "something that is no order"),
        ({"action": "cancel", "everything": "1", "query": "q=colour:red"}, "is not a field"),
    ],
)
def test_what_a_command_lacks_is_said_and_nothing_is_kept(
    mara: Member, client_of: ClientOf, three: list[Order], form: dict[str, Any], sentence: str
) -> None:
    page = client_of(mara).post("/orders/bulk", {"selected": [three[0].pk], **form}, follow=True)
    assert sentence in page.content.decode()
    assert not BulkJob.objects.exists()


def test_a_large_command_runs_in_chunks_and_goes_on_after_a_kill(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(7):
        make_order(mara.organization, f"E-{at}")
    monkeypatch.setattr(bulk_jobs, "CHUNK", 3)
    monkeypatch.setattr(bulk_jobs, "AT_ONCE", 3)
    browser = client_of(mara)
    browser.post("/orders/bulk", {"action": "cancel", "everything": "1", "query": "view=all"})
    job = the_job()
    assert "0</span> of" in run(browser, job)
    bulk_jobs.run_chunk(job.pk, mara)  # ... and here its worker dies
    assert Order.objects.filter(is_deleted=True).count() == 3
    BulkJob.objects.update(heartbeat_at="2026-01-01T00:00:00Z")
    assert bulk_jobs.stale_jobs() == [job.pk]
    tasks.carry_out_bulk_job(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.done, job.changed) == ("done", 7, 7)
    assert bulk_jobs.stale_jobs() == []
    assert Event.objects.filter(kind="order.cancelled").count() == 7


def test_a_stopped_command_keeps_what_is_done(
    mara: Member, client_of: ClientOf, three: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_jobs, "CHUNK", 1)
    monkeypatch.setattr(bulk_jobs, "AT_ONCE", 1)
    browser = client_of(mara)
    command(browser, three, "cancel")
    run(browser, the_job())
    bulk_jobs.run_chunk(the_job().pk, mara)
    browser.post(f"/orders/bulk/{the_job().pk}/abort")
    tasks.carry_out_bulk_job(str(the_job().pk))
    assert (the_job().state, the_job().done) == ("aborted", 1)
    assert Order.objects.filter(is_deleted=True).count() == 1
    assert "Stopped" in run(browser, the_job())


def test_whoever_lost_their_role_stops_their_running_command(
    mara: Member, client_of: ClientOf, three: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_jobs, "AT_ONCE", 1)
    browser = client_of(mara)
    command(browser, three, "cancel")
    run(browser, the_job())
    Membership.objects.filter(user=mara.user).update(roles=["team_lead"])
    tasks.carry_out_bulk_job(str(the_job().pk))
    assert the_job().state == "aborted"
    assert not Order.objects.filter(is_deleted=True).exists()


def test_a_stranger_neither_selects_nor_sees_nor_runs(
    mara: Member, vera: Member, client_of: ClientOf, three: list[Order]
) -> None:
    command(client_of(mara), three, "cancel")
    job, strange = the_job(), client_of(vera)
    assert [
        strange.get(f"/orders/bulk/{job.pk}").status_code,
        strange.post(f"/orders/bulk/{job.pk}/run").status_code,
        strange.post(f"/orders/bulk/{job.pk}/abort").status_code,
    ] == [404, 404, 404]
    command(strange, three, "cancel")
    assert list(BulkJob.objects.values_list("pk", flat=True)) == [job.pk]
    assert not Order.objects.filter(is_deleted=True).exists()


def test_roles_decide_which_commands_there_are(
    sam: Member, lena: Member, mara: Member, client_of: ClientOf, three: list[Order], *, make_delivery: MakeDelivery
) -> None:
    make_delivery(three[0], "refused")
    assert command(client_of(sam), three, "cancel").status_code == 403
    assert command(client_of(sam), three, "send_again").status_code == 302
    assert command(client_of(lena), three, "send_again").status_code == 403
    assert client_of(lena).post(f"/orders/bulk/{the_job().pk}/run").status_code == 403
    assert command(client_of(mara), three, "explode").status_code == 404


def test_commands_are_posted_by_people_who_are_signed_in(
    mara: Member, client_of: ClientOf, three: list[Order], client: Browser
) -> None:
    assert client_of(mara).get("/orders/bulk").status_code == 405
    command(client_of(mara), three, "cancel")
    for path in ("/orders/bulk", f"/orders/bulk/{the_job().pk}/run", f"/orders/bulk/{the_job().pk}/abort"):
        assert client.post(path).headers["Location"].startswith("/sign-in")
    assert client_of(mara).post(f"/orders/bulk/{the_job().pk}").status_code == 405
    assert the_job().state == "preview"
