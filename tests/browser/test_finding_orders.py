"""Mara finds, filters, saves, selects, changes and exports orders of one import."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.deployment import Console
from tests.browser.desk import (
    fits,
    import_on_the_command_line,
    order_rows,
    row_of,
    stat,
    submit_search,
    visit,
    write_csv,
)

pytestmark = pytest.mark.browser
SignIn = Callable[..., Page]
RUN = "list"


@pytest.fixture(scope="session")
def sixty_orders(console: Console, tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = order_rows(RUN, 60)
    import_on_the_command_line(console, write_csv(tmp_path_factory.mktemp("list") / "list.csv", rows))


@pytest.mark.usefixtures("sixty_orders")
def test_mara_searches_and_filters(sign_in: SignIn, width: dict[str, int]) -> None:
    page = sign_in("success_manager", width)
    visit(page, "/orders?view=all")
    submit_search(page, f"WEB-{RUN}-7")
    expect(row_of(page, f"{RUN} 7")).to_be_visible()
    submit_search(page, "sku:SKU-7-1")
    expect(row_of(page, f"{RUN} 7").first).to_be_visible()
    submit_search(page, f"WEB-{RUN}-8 WEB-{RUN}-9")
    expect(page.locator("tbody tr")).to_have_count(2)
    submit_search(page, "nothing-like-this")
    expect(page.get_by_text("No order matches")).to_be_visible()
    visit(page, "/orders?view=all")
    page.locator("summary").filter(has_text="Filters").click()
    page.get_by_label("Source").select_option("import")
    fits(page)
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("source=import"))
    expect(page.get_by_role("link", name="Source:")).to_be_visible()
    page.get_by_role("link", name="Clear all").click()
    expect(page).not_to_have_url(re.compile("source="))


@pytest.mark.usefixtures("sixty_orders")
def test_mara_turns_pages_and_sorts(sign_in: SignIn, width: dict[str, int]) -> None:
    page = sign_in("success_manager", width)
    visit(page, "/orders?view=all&source=import")
    first = page.locator("tbody .row-link").first.inner_text()
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(re.compile("after="))
    expect(page.locator("tbody .row-link").first).not_to_have_text(first)
    fits(page)
    page.get_by_role("link", name="Previous").click()
    page.wait_for_url(re.compile("before="))
    expect(page.locator("tbody .row-link").first).to_have_text(first)
    if width["width"] > 800:
        page.get_by_role("columnheader", name="Order").get_by_role("link").click()
        page.wait_for_url(re.compile("sort=number"))
        expect(page.locator("tbody .row-link").first).not_to_have_text(first)


@pytest.mark.usefixtures("sixty_orders")
def test_mara_saves_renames_and_deletes_a_view(sign_in: SignIn, width: dict[str, int]) -> None:
    page, name = sign_in("success_manager", width), f"Imports {width['width']}"
    visit(page, f"/orders?view=all&source=import&q={width['width']}")
    page.get_by_text("Save this filter as a view").click()
    named(page, "Save view").fill(name)
    fits(page)
    page.get_by_role("button", name="Save view").click()
    views = page.get_by_role("navigation", name="Views of orders")
    views.get_by_role("link", name=name).click()
    page.wait_for_url(re.compile("source=import"))
    page.get_by_text("Change or delete the view").click()
    named(page, "Save changes").fill(f"Files {width['width']}")
    page.get_by_role("button", name="Save changes").click()
    views.get_by_role("link", name=f"Files {width['width']}").click()
    page.get_by_text("Change or delete the view").click()
    page.get_by_role("button", name="Delete view").click()
    expect(page.get_by_text("The view is deleted.")).to_be_visible()
    expect(views.get_by_role("link", name=f"Files {width['width']}")).to_have_count(0)


def named(page: Page, button: str) -> Locator:
    return page.locator("form").filter(has=page.get_by_role("button", name=button)).get_by_label("Name")


@pytest.mark.usefixtures("sixty_orders")
def test_mara_changes_the_priority_of_some(sign_in: SignIn, width: dict[str, int]) -> None:
    page, numbers = sign_in("success_manager", width), (11, 12, 13) if width["width"] > 800 else (21, 22, 23)
    ids = quote(" ".join(f"WEB-{RUN}-{n}" for n in numbers))
    prepare_priority(page, ids)
    expect(stat(page, "Will change")).to_have_text("3")
    expect(stat(page, "Calls to the upstream")).not_to_have_text("")
    expect(page.get_by_text("Backlog ends")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Set priority: 3").click()
    expect(page.get_by_text("3 of 3 orders changed.")).to_be_visible()
    fits(page)
    visit(page, f"/orders?view=all&q={ids}")
    for row in page.locator("tbody tr").all():
        expect(row).to_contain_text("Highest")
    prepare_priority(page, ids)
    expect(stat(page, "Will change")).to_have_text("0")
    expect(page.get_by_role("button", name="Set priority")).to_have_count(0)


def prepare_priority(page: Page, ids: str) -> None:
    visit(page, f"/orders?view=all&q={ids}")
    for box in page.locator("tbody").get_by_role("checkbox").all():
        box.focus()
        page.keyboard.press("Space")
    expect(page.get_by_text("3 selected")).to_be_visible()
    fits(page)
    page.locator("summary").filter(has_text="Set priority").click()
    page.locator("#order-list").locator("select[name=priority]").select_option("Highest")
    page.get_by_role("button", name="Set priority").click()
    page.wait_for_url(re.compile("/orders/bulk/"))
    fits(page)


@pytest.mark.usefixtures("sixty_orders")
def test_the_export_holds_what_the_filter_shows(sign_in: SignIn, width: dict[str, int], tmp_path: Path) -> None:
    page = sign_in("success_manager", width)
    wanted = [f"WEB-{RUN}-{n}" for n in (3, 4)]
    visit(page, f"/orders?view=all&q={quote(' '.join(wanted))}")
    page.locator("summary").filter(has_text="Export").click()
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^CSV")).click()
    download.value.save_as(tmp_path / "export.csv")
    with (tmp_path / "export.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["external_order_id"] for row in rows} == set(wanted)
    assert len(rows) == 5
