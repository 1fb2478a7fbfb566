"""`manage.py connect hesh|heso|hashee --org S --url U --key K`: connect an organization to an upstream."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.accounts.errors import AccountError
from dashboard.accounts.queries import organization_by_slug
from dashboard.events.recording import SYSTEM
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.models import System
from dashboard.upstream.services import NewConnection, connect


class Command(BaseCommand):
    help = "Connect an organization to an upstream; prints the connection as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("system", choices=System.values)
        parser.add_argument("--org", required=True, metavar="SLUG")
        parser.add_argument("--url", required=True, help="the contract's base URL")
        parser.add_argument("--key", required=True, help="the upstream's key; it is sealed and never shown again")
        parser.add_argument("--tenant", default="", help="the tenant id that goes into x-tenant-id")
        parser.add_argument("--team", default="", help="HESO: the team id; without it the other dialect is spoken")
        parser.add_argument("--agent", default="", help="Hashee: the agent id")
        parser.add_argument("--rate", type=float, help="calls a second, where they differ from what is published")
        parser.add_argument("--burst", type=int, help="how many at once")

    def handle(self, *args: Any, **options: Any) -> None:
        new = NewConnection(
            system=options["system"],
            base_url=options["url"],
            secret=options["key"],
            tenant=options["tenant"],
            account=options["team"] or options["agent"],
            rate=options["rate"],
            burst=options["burst"],
        )
        try:
            organization = organization_by_slug(options["org"])
            made = connect(organization=organization, actor=SYSTEM, connection=new)
        except (AccountError, UpstreamError) as error:
            raise CommandError(error.message) from error
        self.stdout.write(json.dumps({"id": str(made.pk), "system": made.system, "url": made.base_url}))
