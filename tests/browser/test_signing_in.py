"""Mara signs in and out; whoever works elsewhere sees nothing of hers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Complaints
from tests.browser.deployment import Console
from tests.browser.desk import create_order, fits, visit

pytestmark = pytest.mark.browser
SignIn = Callable[..., Page]


def test_mara_mistypes_her_password_signs_in_and_out(
    browser: Browser, console: Console, complaints: Complaints, width: dict[str, int]
) -> None:
    complaints.expected = ("status of 422",)
    page = browser.new_page(viewport=width, base_url=console.url)  # type: ignore[arg-type]
    complaints.listen(page)
    login = console.logins["success_manager"]
    visit(page, "/orders")
    page.get_by_label("E-mail").fill(login["email"])
    page.get_by_label("Password").fill("not hers")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("E-mail or password is wrong")).to_be_visible()
    fits(page)
    page.get_by_label("E-mail").fill(login["email"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/orders")
    if width["width"] < 800:
        page.get_by_label("Menu").click()
    page.locator("summary").filter(has_text=login["email"]).click()
    fits(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    visit(page, "/orders")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.context.close()


def test_an_order_of_another_organization_is_not_there(
    sign_in: SignIn, complaints: Complaints, width: dict[str, int]
) -> None:
    complaints.expected = ("status of 404",)
    mara, otto = sign_in("success_manager"), sign_in("owner", width)
    url = create_order(mara, f"STRANGER-{width['width']}")
    switch_organization(otto, "Sandbox Factory", width)
    answer = otto.goto(url)
    assert answer is not None
    assert answer.status == 404
    expect(otto.get_by_role("heading", level=1)).to_be_visible()
    fits(otto)


def switch_organization(page: Page, name: str, width: dict[str, int]) -> None:
    visit(page, "/orders")
    if width["width"] < 800:
        page.get_by_label("Menu").click()
    page.locator("summary").filter(has_text="Northwind Traders").click()
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/orders")
    fits(page)
