"""A file of forty orders with some bad rows: mapping, dry run, import, and the same file again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.desk import HEADERS, SLOW, fits, order_rows, row_of, stat, upload, visit, write_csv

pytestmark = pytest.mark.browser
SignIn = Callable[..., Page]
BAD = [
    ("WEB-{run}-bad-1", "Bad 1", "Client", "S", "Shelf", "0"),
    ("WEB-{run}-bad-2", "Bad 2", "Client", "S", "Shelf", "-1"),
    ("WEB-{run}-bad-3", "Bad 3", "Client", "S", "Shelf", "many"),
]


def check(page: Page) -> None:
    page.get_by_role("button", name="Check the file").click()
    expect(stat(page, "Rejected")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("link", name="Change the columns")).to_be_visible(timeout=SLOW)
    fits(page)


def test_mara_imports_forty_orders_and_watches_them_leave(
    sign_in: SignIn, width: dict[str, int], tmp_path: Path
) -> None:
    run = f"imp{width['width']}"
    bad = [tuple(cell.format(run=run) for cell in row) for row in BAD]
    path = write_csv(tmp_path / f"{run}.csv", [*order_rows(run), *bad])
    page = sign_in("success_manager", width)
    upload(page, path)
    expect(page.get_by_role("region", name="First rows of the file")).to_contain_text(f"WEB-{run}-1")
    expect(page.get_by_label(re.compile("^Order id"))).to_have_value("external_order_id")
    check(page)
    expect(stat(page, "New")).to_have_text("40")
    expect(stat(page, "Rejected")).to_have_text("3")
    rejected = page.get_by_role("region", name="Rejected rows")
    for number in (92, 93, 94):
        expect(rejected.get_by_role("cell", name=str(number), exact=True)).to_be_visible()
    expect(rejected).to_contain_text("Quantity: “0” is not a whole number")
    page.get_by_role("button", name="Import these orders").click()
    expect(page.get_by_text("Imported", exact=True)).to_be_visible(timeout=SLOW)
    expect(stat(page, "Created")).to_have_text("40")
    page.evaluate("window.sameDocument = true")
    fits(page)
    expect(row_of(page, f"{run} 40").filter(has_text="Delivered")).to_be_visible(timeout=2 * SLOW)
    assert page.evaluate("window.sameDocument")
    upload(page, path)
    expect(page.get_by_text("This very file was imported before")).to_be_visible()
    check(page)
    expect(stat(page, "Unchanged")).to_have_text("40")
    expect(stat(page, "New")).to_have_text("0")


def test_mara_imports_a_workbook(sign_in: SignIn, width: dict[str, int], tmp_path: Path) -> None:
    run = f"book{width['width']}"
    book = Workbook()
    for row in (HEADERS, *order_rows(run, 3)):
        book.active.append(row)
    book.save(tmp_path / f"{run}.xlsx")
    page = sign_in("success_manager", width)
    upload(page, tmp_path / f"{run}.xlsx")
    check(page)
    expect(stat(page, "New")).to_have_text("3")
    page.get_by_role("button", name="Import these orders").click()
    expect(page.get_by_text("Imported", exact=True)).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Show the imported orders").click()
    expect(row_of(page, f"{run} 3")).to_be_visible()
    fits(page)


def test_mara_imports_without_javascript(sign_in: SignIn, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "plain.csv", order_rows("plain", 2))
    page = sign_in("success_manager", {"width": 390, "height": 844}, javascript=False)
    visit(page, "/orders/import")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Check the file").click()
    # The page reloads itself every two seconds while something is under way.
    expect(page.get_by_role("button", name="Import these orders")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Import these orders").click()
    expect(page.get_by_text("Imported", exact=True)).to_be_visible(timeout=SLOW)
