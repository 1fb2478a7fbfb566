"""Loads the Celery app with Django, so that every process that has our apps also has our broker settings."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "dashboard.embedded"
    label = "embedded"

    def ready(self) -> None:
        # Here and not in `dashboard/__init__.py`: the supervisor imports that package and stays without Celery.
        import_module("dashboard.celery")
