"""Lists `up` among the commands. manage.py answers it before Django loads; this serves who calls it otherwise."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from dashboard.embedded.up import up


class Command(BaseCommand):
    help = "Runs everything: PostgreSQL, Redis, the web server, two workers and beat. Ctrl-C stops it."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        sys.exit(up())
