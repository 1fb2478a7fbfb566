"""Production refuses to start on settings that would give it away; the demo may."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings as real
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from dashboard.console.checks import refuse_unsafe_settings, unsafe_settings


@pytest.mark.parametrize(
    ("name", "value", "identity"),
    [
        ("SECRET_KEY", "short", "console.E001"),
        ("SECRET_KEY", "a" * 64, "console.E001"),
        ("ALLOWED_HOSTS", ["*"], "console.E002"),
        ("ALLOWED_HOSTS", ["countersign.example", "*.example"], "console.E002"),
        ("DEBUG", True, "console.E003"),
    ],
)
def test_production_refuses(settings: object, name: str, value: object, identity: str) -> None:
    setattr(settings, name, value)
    assert [error.id for error in unsafe_settings()] == [identity]
    with pytest.raises(ImproperlyConfigured, match=name):
        refuse_unsafe_settings()
    settings.DEMO = True
    refuse_unsafe_settings()


def test_what_the_tests_run_on_is_fine() -> None:
    assert unsafe_settings() == []


def test_a_deployment_check_finds_nothing() -> None:
    assert [found for found in run_checks(include_deployment_checks=True) if not found.is_silenced()] == []


def starts(**environment: str) -> subprocess.CompletedProcess[str]:
    """A web server's import of the application, in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "COUNTERSIGN_DEMO"}}
    return subprocess.run(
        [sys.executable, "-c", "import dashboard.asgi"],
        env={**kept, "DJANGO_SETTINGS_MODULE": "dashboard.settings", **environment},
        cwd=real.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_web_server_does_not_start_without_a_key() -> None:
    failed = starts()
    assert failed.returncode != 0
    assert 'Environment variable "SECRET_KEY" not set' in failed.stderr


def test_a_web_server_does_not_start_for_any_host() -> None:
    failed = starts(SECRET_KEY=os.environ["SECRET_KEY"], ALLOWED_HOSTS="*")
    assert failed.returncode != 0
    assert "ALLOWED_HOSTS holds '*', so any host." in failed.stderr


def test_a_web_server_starts_on_proper_settings() -> None:
    assert starts(SECRET_KEY=os.environ["SECRET_KEY"], ALLOWED_HOSTS="countersign.example").returncode == 0
