"""From signing in to a created order that is found again, without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP, Complaints
from tests.browser.deployment import Console
from tests.browser.desk import row_of

pytestmark = pytest.mark.browser


def tab_to(page: Page, wanted: Locator) -> None:
    """As often as it takes; a place that Tab does not reach is a fault."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def test_mara_needs_no_mouse(browser: Browser, console: Console, complaints: Complaints) -> None:
    page = browser.new_page(viewport=DESKTOP, base_url=console.url)  # type: ignore[arg-type]
    complaints.listen(page)
    signs_in(page, console.logins["success_manager"])
    tab_to(page, page.get_by_role("link", name="Orders").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders")
    tab_to(page, page.get_by_role("link", name="New order"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/new")
    creates(page, "KEYS-1")
    page.goto("/orders?view=all")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_placeholder(re.compile("Words"))).to_be_focused()
    page.keyboard.type("KEYS-1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=KEYS-1"))
    walks(page)
    page.context.close()


def signs_in(page: Page, login: dict[str, str]) -> None:
    page.goto("/sign-in")
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type(login["email"])
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(login["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


def creates(page: Page, name: str) -> None:
    tab_to(page, page.get_by_label(re.compile("^Order number")))
    page.keyboard.type(name)
    tab_to(page, page.get_by_label(re.compile("^Order id")))
    page.keyboard.type(name)
    tab_to(page, page.get_by_label(re.compile("^Quantity")))
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/orders/[0-9a-f-]{36}(#|$)"))


def walks(page: Page) -> None:
    link = row_of(page, "KEYS-1").get_by_role("link").first
    page.keyboard.press("j")
    expect(link).to_be_focused()
    page.keyboard.press("x")
    expect(row_of(page, "KEYS-1").get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("k")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/orders/[0-9a-f-]{36}(#|$)"))
