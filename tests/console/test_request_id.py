from __future__ import annotations

import logging
import re

import pytest
from django.test import AsyncClient, Client

from dashboard.accounts.access import Member
from dashboard.console.request_id import RequestIdFilter, current_request_id
from tests.cast import ClientOf

GIVEN = "support-call.2026_11"


@pytest.mark.parametrize("path", ["/health", "/sign-in", "/nothing-here", "/settings/keys"])
def test_every_answer_says_which_request_it_belongs_to(client: Client, db: None, path: str) -> None:
    first, second = client.get(path)["X-Request-Id"], client.get(path)["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_a_callers_own_id_is_kept(client: Client) -> None:
    assert client.get("/health", headers={"X-Request-Id": GIVEN})["X-Request-Id"] == GIVEN


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "has spaces in it", "<script>x</script>", "ends-in-newline\n", ""]
)
def test_what_could_harm_a_log_is_replaced(client: Client, given: str) -> None:
    answered = client.get("/health", headers={"X-Request-Id": given})["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", answered)


def test_error_pages_show_it(client_of: ClientOf, mara: Member) -> None:
    answer = client_of(mara).get("/nothing-here", headers={"X-Request-Id": GIVEN})
    assert answer.status_code == 404
    assert GIVEN in answer.content.decode()


async def test_the_same_under_asgi() -> None:
    answer = await AsyncClient().get("/health", headers={"X-Request-Id": GIVEN})
    assert answer["X-Request-Id"] == GIVEN


def test_log_lines_carry_it() -> None:
    record = logging.makeLogRecord({"msg": "hello"})
    token = current_request_id.set(GIVEN)
    try:
        assert RequestIdFilter().filter(record)
    finally:
        current_request_id.reset(token)
    assert record.request_id == GIVEN
    RequestIdFilter().filter(record)
    assert record.request_id == "-"


def test_the_line_about_a_failed_request_carries_its_id(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/nothing-here")
    (record,) = (record for record in caplog.records if record.name == "django.request")
    RequestIdFilter().filter(record)
    assert record.request_id == answer["X-Request-Id"]
