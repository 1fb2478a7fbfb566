"""Keys are shown once and end at once; a wrong key at the upstream pauses, says so, and loses nothing."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints
from tests.browser.deployment import Console
from tests.browser.desk import SLOW, create_order, delivered, fits, is_live, row_of, visit
from tests.browser.test_signing_in import switch_organization

pytestmark = pytest.mark.browser
SignIn = Callable[..., Page]


def issue_key(page: Page, label: str) -> str:
    visit(page, "/settings/keys")
    page.get_by_label("Label").fill(label)
    page.get_by_label("orders:write").check()
    page.get_by_role("button", name="Create key").click()
    shown = page.get_by_text("The key is ready").locator("xpath=../..").locator("code")
    raw = shown.get_attribute("title") or ""
    fits(page)
    return raw


def call(console: Console, key: str, body: dict[str, Any] | None = None) -> int:
    request = urllib.request.Request(
        f"{console.url}/api/v1/public/orders",
        data=json.dumps(body).encode() if body else None,
        headers={"x-api-key": key, "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_key_is_shown_once_and_ends_at_once(sign_in: SignIn, console: Console, width: dict[str, int]) -> None:
    page, label = sign_in("success_manager", width), f"Shop {width['width']}"
    raw = issue_key(page, label)
    assert call(console, raw) == 200
    visit(page, "/settings/keys")
    assert raw not in page.content()
    row_of(page, label).get_by_role("link", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
    expect(row_of(page, label)).to_contain_text("Revoked")
    assert call(console, raw) == 401


def test_mara_settles_a_refused_order(
    sign_in: SignIn, console: Console, complaints: Complaints, width: dict[str, int]
) -> None:
    mara, otto = sign_in("success_manager", width), sign_in("owner")
    name = f"CLASH-{width['width']}"
    switch_organization(otto, "Sandbox Factory", {"width": 1440})
    key = issue_key(otto, f"Clash {width['width']}")
    taken = {
        "external_order_id": name,
        "external_order_number": "T-1",
        "order_items": [{"line_item_id": "1", "quantity": 9}],
    }
    assert call(console, key, taken) == 201
    url = create_order(mara, name)
    expect(mara.locator("[id^=order-state-]")).to_contain_text("Refused", timeout=SLOW)
    visit(mara, "/orders")
    case = row_of(mara, name)
    expect(case).to_contain_text("external_order_id")
    case.get_by_role("link", name="Edit and send again").click()
    expect(mara.get_by_text("The upstream refused this order")).to_be_visible()
    fits(mara)
    mara.get_by_label(re.compile("^Comment")).first.fill("Mended")
    mara.get_by_role("button", name="Save and send again").click()
    mara.wait_for_url(re.compile(re.escape(url)))
    visit(mara, "/orders")
    expect(case).to_be_visible(timeout=SLOW)
    case.get_by_role("button", name="Give up").click()
    expect(row_of(mara, name)).to_be_visible()
    visit(mara, url)
    expect(mara.locator("[id^=order-relays-]")).to_contain_text("iven up")
    fits(mara)


def test_a_wrong_key_pauses_and_the_right_one_resumes(sign_in: SignIn, console: Console) -> None:
    otto, mara = sign_in("owner"), sign_in("success_manager")
    switch_organization(otto, "Sandbox Factory", {"width": 1440})
    right = issue_key(otto, "Relay anew")
    otto.locator("summary").filter(has_text="Sandbox Factory").first.click()
    otto.get_by_role("button", name="Northwind Traders").click()
    replace_key(otto, "wrong-key-that-nobody-issued")
    url = create_order(mara, "PAUSE-1")
    visit(otto, "/settings/connections")
    expect(otto.get_by_text("Paused").first).to_be_visible(timeout=SLOW)
    visit(mara, url)
    expect(mara.get_by_role("alert").filter(has_text="is paused")).to_be_visible()
    fits(mara)
    replace_key(otto, right)
    resume = otto.get_by_role("button", name="Resume")
    if resume.count():
        resume.click()
    expect(otto.get_by_text("Active", exact=True).first).to_be_visible()
    is_live(mara)
    delivered(mara)


def replace_key(page: Page, secret: str) -> None:
    visit(page, "/settings/connections")
    page.get_by_role("link", name="Replace the key").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[name=secret]").fill(secret)
    dialog.get_by_role("button", name="Replace the key").click()
    page.wait_for_url("**/settings/connections")
    fits(page)
