"""One order by hand: created, corrected, tagged, noted, read, cancelled; with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints
from tests.browser.desk import create_order, delivered, fits, is_live, row_of, visit

pytestmark = pytest.mark.browser
SignIn = Callable[..., Page]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_mara_creates_an_order_with_several_line_items(
    sign_in: SignIn, complaints: Complaints, width: dict[str, int], javascript: bool
) -> None:
    complaints.expected = ("status of 400",)
    name = f"FORM-{width['width']}-{'js' if javascript else 'plain'}"
    page = sign_in("success_manager", width, javascript=javascript)
    page.goto("/orders/new")
    page.get_by_label(re.compile("^Order number")).fill(name)
    page.get_by_label(re.compile("^Quantity")).fill("0")
    page.get_by_role("button", name="Add a line item").click()
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_count(2)
    expect(page.get_by_label(re.compile("^Order number"))).to_have_value(name)
    page.get_by_label(re.compile("^Quantity")).nth(1).fill("3")
    page.get_by_role("button", name="Create the order").click()
    expect(page.locator("#field-external_order_id .errors")).to_be_visible()
    page.get_by_label(re.compile("^Order id")).fill(name)
    page.get_by_role("button", name="Create the order").click()
    expect(page.locator("[id='field-item-0-quantity'] .errors")).to_be_visible()
    page.get_by_label(re.compile("^Quantity")).first.fill("2")
    page.get_by_role("button", name="Create the order").click()
    page.wait_for_url(re.compile("/orders/[0-9a-f-]{36}(#|$)"))
    expect(page.get_by_role("main")).to_contain_text("5 productions")


def test_mara_works_on_an_order(sign_in: SignIn, width: dict[str, int]) -> None:
    page = sign_in("success_manager", width)
    url = create_order(page, f"WORK-{width['width']}")
    is_live(page)
    delivered(page)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label(re.compile("^Comment")).first.fill("Deliver to the back door")
    fits(page)
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url(url)
    page.get_by_text("Add a tag or a file").click()
    fits(page)
    page.get_by_label(re.compile("^Tags for")).fill("Gift, Rush")
    page.get_by_role("button", name="Add tags").click()
    expect(page.get_by_text("Gift", exact=True)).to_be_visible()
    page.get_by_text("Add a tag or a file").click()
    page.get_by_label(re.compile("^Address of a file")).fill("https://files.example/drawing.pdf")
    page.get_by_label(re.compile("^File name for")).fill("drawing.pdf")
    page.get_by_role("button", name="Add file").click()
    expect(page.get_by_role("link", name="drawing.pdf")).to_be_visible()
    page.get_by_label("Note", exact=True).fill("The client called")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("[id^=order-timeline-]")).to_contain_text("The client called")
    page.get_by_label("Assignee").select_option(label="Mara Lindt")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_label("Assignee").locator("option:checked")).to_have_text("Mara Lindt")
    reads_what_was_said(page, url)
    cancels(page, url)


def reads_what_was_said(page: Page, url: str) -> None:
    upstream = page.locator("[id^=order-relays-]")
    attempt = upstream.locator("details").filter(has_text="create").first
    attempt.locator("summary").first.click()
    expect(attempt).to_contain_text("curl")
    expect(attempt).to_contain_text("x-ratelimit-limit", ignore_case=True)
    fits(page)
    page.get_by_role("link", name="JSON", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("external_order_id")
    fits(page)
    page.get_by_role("link", name="Productions", exact=True).click()
    expect(page.get_by_role("region", name="Productions")).to_be_visible()
    fits(page)
    visit(page, url)


def cancels(page: Page, url: str) -> None:
    page.get_by_role("link", name="Cancel order").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("can't be undone")
    dialog.get_by_role("link", name="Keep it").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Cancel order").click()
    dialog.get_by_role("button", name="Cancel the order").click()
    page.wait_for_url(url)
    expect(page.locator("[id^=order-state-]")).to_contain_text("Cancelled")
    fits(page)


def test_everything_works_without_javascript(sign_in: SignIn, width: dict[str, int]) -> None:
    name = f"PLAIN-{width['width']}"
    page = sign_in("success_manager", width, javascript=False)
    page.goto("/orders/new")
    page.get_by_label(re.compile("^Order number")).fill(name)
    page.get_by_label(re.compile("^Order id")).fill(name)
    page.get_by_label(re.compile("^Quantity")).fill("1")
    page.get_by_role("button", name="Create the order").click()
    page.wait_for_url(re.compile("/orders/[0-9a-f-]{36}(#|$)"))
    page.goto("/orders?view=all")
    page.get_by_placeholder(re.compile("Words")).fill(name)
    page.get_by_role("button", name="Search", exact=True).click()
    row_of(page, name).get_by_role("link").first.click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label(re.compile("^Comment")).first.fill("By hand")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("By hand", exact=True)).to_be_visible()
    page.get_by_role("link", name="Cancel order").click()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator("[id^=order-state-]")).to_contain_text("Cancelled")
