from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client


def test_the_probe_gets_its_answer_without_any_server(client: Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"data": {"status": "ok"}}
    assert "no-store" in answer["Cache-Control"]


def test_ready_asks_both_servers(client: Client, db: None) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"data": {"status": "ok", "postgresql": "ok", "redis": "ok"}}


def test_ready_names_a_redis_that_is_away(client: Client, db: None, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["error"]["away"] == ["redis"]
    assert "redis can't be reached" in answer.json()["error"]["message"]


@pytest.mark.django_db(transaction=True)
def test_ready_names_a_postgresql_that_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    connection.close_pool()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {})
    answer = client.get("/health/ready")
    connection.close()
    assert answer.status_code == 503
    assert answer.json()["error"]["away"] == ["postgresql"]


def test_probes_change_nothing(client: Client) -> None:
    assert client.post("/health").status_code == 405
    assert client.post("/health/ready").status_code == 405
