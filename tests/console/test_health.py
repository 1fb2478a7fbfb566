from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_the_probe_gets_its_answer_without_signing_in(client: Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"data": {"status": "ok"}}


@pytest.mark.django_db
def test_ready_asks_both_servers(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"data": {"status": "ok", "postgresql": "ok", "redis": "ok"}}
