"""Order numbers without a gap: the organization's row is locked before it is decided which orders are new."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from dashboard.accounts.models import Organization


@dataclass
class Numbers:
    """Numbers taken in this transaction, while everybody else who wants some waits."""

    organization: Organization
    abbreviation: str
    upcoming: int
    left: int

    def take(self) -> int:
        if self.left < 1:
            raise RuntimeError("More orders are written than numbers were taken for them.")
        number, self.upcoming, self.left = self.upcoming, self.upcoming + 1, self.left - 1
        return number

    def give_back(self) -> None:
        """What another writer created before us needs none; the row is still locked."""
        if self.left:
            _advance(self.organization, -self.left)
            self.left = 0


def take_numbers(organization: Organization, count: int) -> Numbers:
    last, abbreviation = _advance(organization, count)
    return Numbers(organization, abbreviation, last - count + 1, count)


def _advance(organization: Organization, count: int) -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_organization SET last_order_number = last_order_number + %s WHERE id = %s"
            " RETURNING last_order_number, key_abbreviation",
            [count, organization.pk],
        )
        last, abbreviation = cursor.fetchone()
    return last, abbreviation


def lock_numbers(organization_id: UUID) -> None:
    """The same lock for who needs no number, but everybody else to wait."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
