"""Celery: wakes drains and runs long work. Nothing that must happen depends on a message getting through."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("countersign")
app.config_from_object("dashboard.celery_settings")
app.autodiscover_tasks()
