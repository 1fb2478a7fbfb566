"""What one person changes, another sees; a lost server is said, and leaves no gap."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints
from tests.browser.deployment import Console
from tests.browser.desk import (
    SLOW,
    create_order,
    delivered,
    fits,
    import_on_the_command_line,
    is_live,
    order_rows,
    row_of,
    stat,
    visit,
    write_csv,
)

pytestmark = pytest.mark.browser
SignIn = Callable[..., Page]


def test_otto_sees_what_mara_changes(sign_in: SignIn, width: dict[str, int]) -> None:
    mara, otto, name = sign_in("success_manager"), sign_in("owner", width), f"LIVE-{width['width']}"
    url = create_order(mara, name)
    visit(otto, f"/orders?view=all&q={name}")
    is_live(otto)
    otto.evaluate("window.sameDocument = true")
    mara.get_by_role("link", name="Edit", exact=True).click()
    mara.get_by_label("Priority").select_option("Highest")
    mara.get_by_role("button", name="Save", exact=True).last.click()
    mara.wait_for_url(url)
    expect(row_of(otto, name)).to_contain_text("Highest")
    assert otto.evaluate("window.sameDocument")
    fits(otto)


def test_new_orders_are_announced_not_forced(sign_in: SignIn, width: dict[str, int]) -> None:
    mara, otto = sign_in("success_manager"), sign_in("owner", width)
    visit(otto, "/orders?view=all")
    is_live(otto)
    create_order(mara, f"NEWS-{width['width']}")
    otto.get_by_role("button", name=re.compile("changed: show")).click()
    expect(row_of(otto, f"NEWS-{width['width']}")).to_be_visible()
    fits(otto)


def test_a_lost_server_is_said_and_leaves_no_gap(
    sign_in: SignIn, console: Console, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expected = ("WebSocket connection", "ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE")
    import_on_the_command_line(console, write_csv(tmp_path / "first.csv", order_rows("gap", 1)))
    page = sign_in("success_manager")
    visit(page, "/orders?view=all&q=WEB-gap-1")
    is_live(page)
    page.evaluate("window.sameDocument = true")
    os.kill(json.loads((console.var / "run.json").read_text())["pids"]["daphne"], signal.SIGKILL)
    expect(page.locator('[data-live-state="offline"]:visible')).to_be_visible()
    changed = [(*row[:5], "7") for row in order_rows("gap", 1)]
    import_on_the_command_line(console, write_csv(tmp_path / "second.csv", changed))
    is_live(page)
    expect(row_of(page, "gap 1")).to_contain_text("14", timeout=SLOW)
    assert page.evaluate("window.sameDocument")


def test_the_flight_plan_moves_while_orders_wait(
    sign_in: SignIn, console: Console, width: dict[str, int], tmp_path: Path
) -> None:
    run = f"fly{width['width']}"
    page = sign_in("success_manager", width)
    visit(page, "/flight-plan")
    is_live(page)
    page.evaluate("window.sameDocument = true")
    import_on_the_command_line(console, write_csv(tmp_path / "fly.csv", order_rows(run, 30)))
    expect(stat(page, "Waiting").first).to_have_text("0", timeout=2 * SLOW)
    assert page.evaluate("window.sameDocument")
    fits(page)


def test_an_order_page_follows_its_delivery(sign_in: SignIn, width: dict[str, int]) -> None:
    page = sign_in("success_manager", width)
    create_order(page, f"FOLLOW-{width['width']}")
    page.evaluate("window.sameDocument = true")
    delivered(page)
    assert page.evaluate("window.sameDocument")
