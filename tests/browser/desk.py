"""What a person does at the console again and again, named by what they see: labels, roles and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.deployment import Console

HEADERS = ("Order id", "Order number", "Client", "SKU", "Product", "Quantity")
Row = tuple[str, str, str, str, str, str]
SLOW = 30_000  # the upstream's limits and a busy machine set the pace, not these tests


def fits(page: Page) -> None:
    """No page is wider than the window, on a phone either."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, f"{page.url} is {wide} px wide in a window of {window} px"


def visit(page: Page, url: str) -> None:
    page.goto(url)
    fits(page)


def order_rows(run: str, orders: int = 40) -> list[Row]:
    """Two line items each, three for every fourth: 40 orders are 90 rows."""
    return [
        (f"WEB-{run}-{n}", f"{run} {n}", f"Client {run}", f"SKU-{n}-{item}", "Shelf, oak", str(item))
        for n in range(1, orders + 1)
        for item in range(1, 4 if n % 4 == 0 else 3)
    ]


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    quoted = (",".join(f'"{cell}"' for cell in row) for row in (HEADERS, *rows))
    path.write_text("\n".join(quoted) + "\n")
    return path


def upload(page: Page, path: Path) -> None:
    visit(page, "/orders/import")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile("/orders/import/[0-9a-f-]{36}"))
    fits(page)


def stat(page: Page, label: str) -> Locator:
    return page.locator(".stat").filter(has=page.get_by_text(label, exact=True)).locator(".stat-value")


def is_live(page: Page) -> None:
    expect(page.locator("[data-live-state]:visible")).to_have_text(re.compile("Live"), timeout=SLOW)
    expect(page.locator('[data-live-state="live"]:visible')).to_be_visible(timeout=SLOW)


def create_order(page: Page, external_id: str, *, quantity: str = "2", client: str = "") -> str:
    """By the form; gives the address of the order's page."""
    visit(page, "/orders/new")
    page.get_by_label("Order number", exact=False).first.fill(external_id)
    page.get_by_label("Order id").fill(external_id)
    if client:
        page.get_by_label(re.compile("^Name")).fill(client)
    page.get_by_label(re.compile("^Quantity")).fill(quantity)
    page.get_by_role("button", name="Create the order").click()
    page.wait_for_url(re.compile("/orders/[0-9a-f-]{36}(#|$)"))
    fits(page)
    return page.url


def delivered(page: Page) -> None:
    expect(page.locator("[id^=order-state-]")).to_contain_text("Delivered", timeout=SLOW)


def import_on_the_command_line(console: Console, path: Path) -> None:
    console.manage("import_orders", str(path), "--org", "northwind")


def row_of(page: Page, key: str) -> Locator:
    return page.locator("tbody tr").filter(has_text=key)


def submit_search(page: Page, text: str) -> None:
    box = page.get_by_placeholder(re.compile("Words"))
    box.fill(text)
    box.press("Enter")
    page.wait_for_url(re.compile("[?&]q="))
    fits(page)
