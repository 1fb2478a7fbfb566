"""The main job, measured: a file imported in Chromium, every order relayed over HTTP while the page watches.

`python -m bench.northwind FILE.csv`. Starts the whole product in a folder of its own, imports as a success manager,
reads every departure time shown right after the import, and compares with the ledger when all is delivered.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import statistics
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import chromium_path
from tests.browser.deployment import Console, running_console

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WINDOWS = ((15, 1.0), (300, 60.0), (4000, 3600.0))
ROW = re.compile(r'<tr id="order-row-(?P<id>[0-9a-f-]{36})".*?</tr>', re.DOTALL)
LEAVES = re.compile(r'leaves\s*<time datetime="(?P<at>[^"]+)"')
NEXT = re.compile(r'<a[^>]*href="(?P<url>[^"]+)"[^>]*rel="next"|<a[^>]*rel="next"[^>]*href="(?P<other>[^"]+)"')


def floor(calls: int) -> float:
    """Seconds from the first to the last call when each leaves at once that the three windows allow."""
    at: list[float] = []
    for n in range(calls):
        at.append(max([0.0, *(at[n - limit] + seconds for limit, seconds in WINDOWS if n >= limit)]))
    return at[-1]


def sign_in(page: Page, console: Console) -> None:
    login = console.logins["success_manager"]
    page.goto(f"{console.url}/sign-in")
    page.get_by_label("E-mail").fill(login["email"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def import_file(page: Page, console: Console, file: Path) -> float:
    page.goto(f"{console.url}/orders/import")
    page.set_input_files("input[type=file]", file)
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("button", name="Check the file").click()
    run = page.get_by_role("button", name="Import")
    run.wait_for(timeout=120_000)
    began = time.monotonic()
    run.click()
    page.get_by_text("Imported", exact=True).wait_for(timeout=300_000)
    return time.monotonic() - began


def shown_departures(page: Page, console: Console) -> dict[str, datetime]:
    """Every departure time that the console shows now, over all pages of the list."""
    found: dict[str, datetime] = {}
    url: str | None = "/orders?view=waiting"
    while url:
        text = page.context.request.get(console.url + url).text()
        for row in ROW.finditer(text):
            if leaves := LEAVES.search(row[0]):
                found[row["id"]] = datetime.fromisoformat(leaves["at"])
        after = NEXT.search(text)
        url = html.unescape(after["url"] or after["other"]) if after else None
        if url and not url.startswith("/"):
            url = f"/orders{url}"
    return found


def ledger(console: Console) -> list[tuple[str, datetime, datetime | None, int | None]]:
    run = json.loads((console.var / "run.json").read_text())
    with psycopg.connect(run["database_url"]) as connection:
        return connection.execute(
            "SELECT d.subject_id::text, a.claimed_at, a.answered_at, a.status FROM upstream_attempt a "
            "JOIN upstream_delivery d ON d.id = a.delivery_id JOIN orders_order o ON o.id = d.subject_id "
            "WHERE a.operation = 'create' AND o.source = 'import' ORDER BY a.claimed_at"
        ).fetchall()


def wait_for_all(page: Page, console: Console, screenshot: Path | None) -> None:
    """The open page must get there by itself: it is never reloaded."""
    page.goto(f"{console.url}/orders?view=waiting")
    expect(page.locator("[data-live-state=live]").first).to_be_attached(timeout=30_000)
    if screenshot:
        page.screenshot(path=screenshot)
    expect(page.locator("#count-waiting, [id$=count-waiting]").first).to_have_text("0", timeout=600_000)


def report(calls: list[tuple[str, datetime, datetime | None, int | None]], shown: dict[str, datetime]) -> None:
    took = (calls[-1][1] - calls[0][1]).total_seconds()
    least = floor(len(calls))
    errors = [abs((at - shown[subject]).total_seconds()) for subject, at, _, _ in calls if subject in shown]
    within = sum(error <= 2.0 for error in errors) / len(errors) if errors else 0.0
    answers = [(answered - at) / timedelta(milliseconds=1) for _, at, answered, _ in calls if answered]
    print(f"calls                       {len(calls)}")
    print(f"answered 429                {sum(status == 429 for *_, status in calls)}")
    print(f"answers by status           {dict(Counter(status for *_, status in calls))}")
    print(f"first to last               {took:.1f} s, floor {least:.1f} s, ratio {took / least:.3f}")
    print(f"median answer               {statistics.median(answers):.0f} ms")
    print(f"departures shown            {len(errors)}, within 2 s: {within:.1%}, worst {max(errors, default=0):.1f} s")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--screenshot", type=Path, help="of the order list while they leave")
    options = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_console(Path(folder)) as console,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        sign_in(page, console)
        seconds = import_file(page, console, options.file.absolute())
        shown = shown_departures(page, console)
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC: import took {seconds:.1f} s", flush=True)
        wait_for_all(page, console, options.screenshot)
        report(ledger(console), shown)
        chromium.close()


if __name__ == "__main__":
    main()
