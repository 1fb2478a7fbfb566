"""`manage.py demo`: seeds the demo, again and again without harm; prints logins and keys as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.console.demo import seed_demo


class Command(BaseCommand):
    help = "Seed the demo; prints its logins and keys as JSON. Needs COUNTERSIGN_DEMO=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demo's password is known to everyone. Set COUNTERSIGN_DEMO=1 to seed it, never in production."
            )
        self.stdout.write(json.dumps(seed_demo()))
