"""`manage.py issue_key --org S --label L --scopes a,b`: an API key, printed once as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.accounts.api_keys import issue_key
from dashboard.accounts.errors import AccountError
from dashboard.accounts.queries import organization_by_slug
from dashboard.events.recording import SYSTEM


class Command(BaseCommand):
    help = "Issue an API key; prints it once as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", required=True, metavar="SLUG")
        parser.add_argument("--label", required=True, help="where the key will be used")
        parser.add_argument("--scopes", required=True, help="separated by commas, as in orders:write,receipts:read")

    def handle(self, *args: Any, **options: Any) -> None:
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            organization = organization_by_slug(options["org"])
            issued = issue_key(organization=organization, actor=SYSTEM, label=options["label"], scopes=scopes)
        except AccountError as error:
            raise CommandError(error.message) from error
        self.stdout.write(json.dumps({"id": str(issued.key.pk), "key": issued.raw}))
