"""`manage.py limit_certificate --org S`: every send with its times, as JSONL, to check the limits by."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.accounts.errors import AccountError
from dashboard.accounts.queries import organization_by_slug
from dashboard.upstream.certificate import limit_certificate


class Command(BaseCommand):
    help = "Print the ledger of sends, one JSON line per attempt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organization = organization_by_slug(options["org"])
        except AccountError as error:
            raise CommandError(error.message) from error
        for line in limit_certificate(organization):
            self.stdout.write(line)
