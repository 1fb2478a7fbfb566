"""`manage.py create_org NAME --slug S --owner EMAIL`: an organization and its first owner, printed as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.accounts.errors import AccountError
from dashboard.accounts.services.organizations import create_organization
from dashboard.events.recording import SYSTEM


class Command(BaseCommand):
    help = "Create an organization and its first owner; prints JSON with the owner's one-time password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="as people read it")
        parser.add_argument("--slug", required=True, help="its team id: letters, digits, - and _")
        parser.add_argument("--owner", required=True, metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = create_organization(
                name=options["name"], slug=options["slug"], owner_email=options["owner"], actor=SYSTEM
            )
        except AccountError as error:
            raise CommandError(error.message) from error
        organization = new.organization
        created = {
            "id": str(organization.pk),
            "slug": organization.slug,
            "team_id": organization.slug,
            "tenant_id": str(organization.pk),
            "plan": organization.plan,
            # Empty where the owner had an account before: they keep their password.
            "owner": {"email": new.owner.email, "password": new.password},
        }
        self.stdout.write(json.dumps(created))
