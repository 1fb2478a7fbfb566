"""What every test has: clean Redis, and a browser where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import redis as redis_client
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.browser.chromium import chromium_path

pytest_plugins = ["tests.cast"]
# A busy machine must not fail a property: how long an example takes says nothing about what it shows.
hypothesis_settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")
_left_out = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def redis_connection() -> Iterator[redis_client.Redis]:
    with redis_client.Redis.from_url(settings.REDIS_URL) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _empty_redis(redis_connection: redis_client.Redis) -> None:
    redis_connection.flushdb()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    in_browser = [item for item in items if item.get_closest_marker("browser")]
    # Last: a browser that is open keeps an event loop running, in which neither Django nor async tests would run.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if not in_browser or chromium_path():
        return
    if os.environ.get("REQUIRE_BROWSER"):
        raise pytest.UsageError(
            "No Chromium was found, and REQUIRE_BROWSER is set: install one or name it in CHROMIUM."
        )
    items[:] = [item for item in items if not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=in_browser)
    config.stash[_left_out] = len(in_browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    count = config.stash.get(_left_out, 0)
    if count:
        terminalreporter.write_line(
            f"{count} tests need a browser and were left out: no Chromium was found.", yellow=True
        )
