"""`manage.py check_log --org S`: has anyone rewritten the log? Exit 1 and the first broken seq if so."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from dashboard.accounts.models import Organization
from dashboard.events.integrity import check_log


class Command(BaseCommand):
    help = "Re-walk an organization's hash-chained log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org", required=True, help="the organization's slug")

    def handle(self, *_: object, org: str, **__: object) -> None:
        organization = Organization.objects.filter(slug=org).first()
        if organization is None:
            raise CommandError(f"There is no organization with the slug {org}.")
        checked = check_log(organization)
        self.stdout.write(json.dumps(asdict(checked)))
        if not checked.ok:
            sys.exit(1)
