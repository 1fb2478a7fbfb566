"""Clients that orders bring along, by their external id or known by their order only. Written before those orders.

Locks: orders come first, then missing clients are inserted in the order of their ids, then all are locked by pk. Two
writers that share clients wait for each other but never in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from dashboard.accounts.models import Organization
from orders.errors import OrderError
from orders.models import Client
from orders.schemas import ClientChange, ClientInput

FIELDS = ("name", "phone", "email", "company")
Said = ClientInput | ClientChange
Changes = dict[str, list[str]]
NOBODY = UUID(int=0)


class ClientBook:
    """The clients that one transaction's orders name."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.by_external_id: dict[str, Client] = {}
        self.by_pk: dict[UUID, Client] = {}
        self.fresh: list[Client] = []
        self.changed: dict[UUID, Client] = {}

    def open(self, said: Iterable[Said], current: Iterable[UUID | None] = ()) -> None:
        """Load and lock everything that `said` and `current` name; insert what is named by a new external id."""
        named = _by_external_id(said)
        known = set(current) - {None}
        if not named and not known:
            return
        self._insert_missing(named)
        wanted = Q(pk__in=known) | Q(external_client_id__in=list(named))
        clients = Client.objects.select_for_update(no_key=True).filter(wanted, organization=self.organization)
        for client in clients.order_by("pk"):
            self.by_pk[client.pk] = client
            if client.external_client_id:
                self.by_external_id[client.external_client_id] = client

    def _insert_missing(self, named: dict[str, Said]) -> None:
        there = set(
            Client.objects.filter(organization=self.organization, external_client_id__in=list(named)).values_list(
                "external_client_id", flat=True
            )
        )
        missing = [one for external_id, one in sorted(named.items()) if external_id not in there and one.name]
        # Another writer may insert the same client at this moment; whoever comes second takes the first one's row.
        Client.objects.bulk_create([self._new(one) for one in missing], ignore_conflicts=True)

    def _new(self, said: Said) -> Client:
        texts = {name: getattr(said, name) or "" for name in FIELDS}
        # The order carries it to the upstream, so nothing of it is owed by itself.
        return Client(
            organization=self.organization,
            external_client_id=said.external_client_id or None,
            relayed_revision=1,
            **texts,
        )

    def peek(self, said: Iterable[Said], current: Iterable[UUID | None] = ()) -> None:
        """Like `open`, for a dry run: without locks, and what is missing stays in memory."""
        named = _by_external_id(said)
        wanted = Q(pk__in=set(current) - {None}) | Q(external_client_id__in=list(named))
        for client in Client.objects.filter(wanted, organization=self.organization):
            self.by_pk.setdefault(client.pk, client)
            self.by_external_id.setdefault(client.external_client_id or "", client)
        for external_id, one in named.items():
            if external_id not in self.by_external_id and one.name:
                self.by_external_id[external_id] = self._new(one)

    def of(self, client_id: UUID | None) -> Client | None:
        return self.by_pk[client_id] if client_id else None

    def meant(self, said: Said, current_id: UUID | None) -> Client | None:
        """The client that an order means, None for a new one. Without an id it is the one that the order has."""
        client = (
            self.by_external_id.get(said.external_client_id)
            if said.external_client_id
            else self.by_pk.get(current_id or NOBODY)
        )
        if client is None and (said.external_client_id or not said.name):
            raise OrderError(
                f"client.name is required for the new client {said.external_client_id or ''}".strip() + ".",
                "client.name",
            )
        return client

    def place(self, said: Said, current_id: UUID | None) -> tuple[Client, Changes]:
        """The meant client, changed or new, and what that changes about it."""
        client = self.meant(said, current_id)
        if client is None:
            client = self._new(said)
            self.fresh.append(client)
            return client, {"name": ["", client.name]}
        changes = differences(said, client)
        for name, (_, value) in changes.items():
            setattr(client, name, value)
            self.changed[client.pk] = client
        return client, changes

    def save(self) -> None:
        Client.objects.bulk_create(self.fresh)
        if self.changed:
            Client.objects.bulk_update(self.changed.values(), FIELDS)


def _by_external_id(said: Iterable[Said]) -> dict[str, Said]:
    """Where one is named twice, the one with a name can also be created."""
    named: dict[str, Said] = {}
    for one in said:
        if one.external_client_id and (one.name or one.external_client_id not in named):
            named[one.external_client_id] = one
    return named


def differences(said: Said, client: Client) -> Changes:
    named = [name for name in FIELDS if name in said.model_fields_set]
    pairs = {name: [getattr(client, name), getattr(said, name) or ""] for name in named}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
