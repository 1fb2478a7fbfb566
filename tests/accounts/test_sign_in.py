from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from tests.cast import PASSWORD, ClientOf, JoinAs

WRONG = "E-mail or password is wrong."
LOCKED = "Too many wrong passwords: this account is locked until"


def tries(client: Client, email: str, password: str, **more: str):
    return client.post("/sign-in", {"email": email, "password": password, **more})


def kinds() -> list[str]:
    return list(Event.objects.order_by("organization_id", "seq").values_list("kind", flat=True))


def test_mara_signs_in_with_any_spelling_of_her_address(client: Client, mara: Member) -> None:
    answer = tries(client, " Mara@Northwind.Example ", PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    event = Event.objects.get()
    assert (event.kind, event.actor, event.subject) == ("member.signed_in", f"user:{mara.user.pk}", event.actor)
    assert event.request_id == answer["X-Request-Id"]
    assert event.data == {}


def test_the_form_is_there_for_everyone(client: Client, mara: Member) -> None:
    answer = client.get("/sign-in")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert b'name="email"' in answer.content


def test_a_wrong_password_and_an_unknown_address_look_alike(client: Client, mara: Member) -> None:
    wrong = tries(client, mara.user.email, "not it")
    unknown = tries(client, "nobody@northwind.example", "not it")
    assert wrong.status_code == unknown.status_code == 422
    assert WRONG in wrong.content.decode()
    assert WRONG in unknown.content.decode()
    assert kinds() == ["member.sign_in_failed"]
    assert Event.objects.get().actor == "system"
    assert client.get("/").status_code == 302


def test_a_deactivated_user_stays_out(client: Client, mara: Member) -> None:
    mara.user.is_active = False
    mara.user.save()
    assert tries(client, mara.user.email, PASSWORD).status_code == 422


@pytest.mark.parametrize("email", ["", "mara", "mara@northwind.example\0", "m" * 300 + "@northwind.example"])
def test_what_is_no_address_is_refused_by_name(client: Client, db: None, email: str) -> None:
    answer = tries(client, email, "x")
    assert answer.status_code == 422
    assert b"id_email_error" in answer.content
    assert not AccessAttempt.objects.exists()


def test_other_methods_are_not_taken(client: Client, db: None) -> None:
    assert client.put("/sign-in").status_code == 405


def test_five_failures_lock_the_account_and_say_until_when(client: Client, mara: Member) -> None:
    answers = [tries(client, mara.user.email, "not it") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    until = AccessAttempt.objects.get().attempt_time + timedelta(minutes=15)
    assert f"{LOCKED} {until:%H:%M} UTC, in 15 minutes." in answers[4].content.decode()
    assert tries(client, mara.user.email, PASSWORD).status_code == 429
    assert client.get("/").status_code == 302
    assert kinds() == ["member.sign_in_failed"] * 4 + ["member.locked_out"]


def test_the_lock_counts_every_browser_and_every_spelling(mara: Member) -> None:
    for number in range(5):
        Client(HTTP_USER_AGENT=f"browser {number}").post(
            "/sign-in", {"email": "MARA@northwind.example", "password": "x"}
        )
    assert tries(Client(), mara.user.email, PASSWORD).status_code == 429


def test_trying_during_the_lock_moves_nothing(client: Client, mara: Member) -> None:
    for _ in range(5):
        tries(client, mara.user.email, "not it")
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=14, seconds=30))
    end = AccessAttempt.objects.get().attempt_time + timedelta(minutes=15)
    answer = tries(client, mara.user.email, "not it")
    assert f"{LOCKED} {end:%H:%M} UTC, in 1 minute." in answer.content.decode()
    assert AccessAttempt.objects.get().attempt_time + timedelta(minutes=15) == end
    assert kinds().count("member.locked_out") == 1


def test_the_lock_ends_after_fifteen_minutes(client: Client, mara: Member) -> None:
    for _ in range(5):
        tries(client, mara.user.email, "not it")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert tries(client, mara.user.email, PASSWORD).status_code == 302


def test_a_lock_of_mara_leaves_sam_alone(client: Client, mara: Member, sam: Member) -> None:
    for _ in range(5):
        tries(client, mara.user.email, "not it")
    assert tries(client, sam.user.email, PASSWORD).status_code == 302


def test_a_sign_in_forgets_earlier_failures(client: Client, mara: Member) -> None:
    for _ in range(4):
        tries(client, mara.user.email, "not it")
    tries(client, mara.user.email, PASSWORD)
    client.post("/sign-out")
    assert tries(client, mara.user.email, "not it").status_code == 422


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/orders?view=all", "/orders?view=all"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("orders", "/"),
        ("", "/"),
    ],
)
def test_next_leads_only_to_this_site(client: Client, mara: Member, wanted: str, led: str) -> None:
    assert tries(client, mara.user.email, PASSWORD, next=wanted)["Location"] == led
    assert client.get("/sign-in", {"next": wanted})["Location"] == led


def test_signing_in_starts_a_fresh_session(client: Client, mara: Member) -> None:
    session = client.session
    session["planted"] = "by someone else"
    session.save()
    before = session.session_key
    tries(client, mara.user.email, PASSWORD)
    assert client.session.session_key != before


def test_whoever_is_signed_in_is_led_on(client_of: ClientOf, mara: Member) -> None:
    answer = client_of(mara).get("/sign-in")
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_every_organization_of_ines_hears_of_her_sign_in(
    client: Client, mara: Member, vera: Member, joins: JoinAs
) -> None:
    ines = joins(mara.organization, "ines@agency.example", "support")
    joins(vera.organization, "ines@agency.example", "support")
    tries(client, ines.user.email, PASSWORD)
    assert kinds() == ["member.signed_in", "member.signed_in"]
    assert set(Event.objects.values_list("organization__slug", flat=True)) == {"northwind", "contoso"}
