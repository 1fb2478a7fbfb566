"""Clients by themselves: up to 500 at once, by their external id. What differs is owed to the upstream as one book."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q, Sum

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, Log, recording
from orders.errors import OrderError
from orders.models import Client, Order
from orders.schemas import BatchClient, ClientBatch
from orders.search import refresh_search
from orders.services.client_book import Changes, ClientBook, differences
from orders.services.numbering import lock_numbers
from orders.services.relaying import owe_clients

# Of a renamed client's orders, this many newest are found by its new name; older ones still by the former one.
REINDEXED_ORDERS = 2_000


def upsert_clients(
    *, organization: Organization, actor: Actor, batch: ClientBatch, urgent: bool = False
) -> list[Client]:
    """In the sequence of the batch. Fields that were not given keep their value; what does not differ is left alone."""
    said = _by_external_id(batch.clients)
    with recording(organization, actor) as log:
        # Batches of one organization follow each other, so that the book's revision grows with each.
        lock_numbers(organization.pk)
        known = {client.external_client_id: client for client in _named(organization, said)}
        renamed = _lock_orders_of(client for name, client in known.items() if name and differences(said[name], client))
        book = ClientBook(organization)
        book.open(batch.clients)
        clients = {name: book.by_external_id[name] for name in said}
        changes = {name: changed for name, one in said.items() if (changed := book.place(one, None)[1])}
        book.save()
        created = [client for name, client in clients.items() if name not in known]
        changed_clients = [clients[name] for name in changes]
        if created or changed_clients:
            _note(log, created, changed_clients, changes, urgent=urgent)
            refresh_search(renamed)
        return list(clients.values())


def book_revision(organization_id: UUID) -> int:
    """Grows with every batch that changes something."""
    clients = Client.objects.filter(organization_id=organization_id)
    return int(clients.aggregate(total=Sum("revision"))["total"] or 0)


def _by_external_id(batch: Iterable[BatchClient]) -> dict[str, BatchClient]:
    said: dict[str, BatchClient] = {}
    for one in batch:
        if one.external_client_id in said:
            raise OrderError(f"clients names the external_client_id {one.external_client_id} twice.", "clients")
        said[one.external_client_id] = one
    return said


def _named(organization: Organization, names: Iterable[str]) -> Iterable[Client]:
    return Client.objects.filter(organization=organization, external_client_id__in=list(names))


def _lock_orders_of(clients: Iterable[Client]) -> list[UUID]:
    """Orders are locked before clients, by everyone."""
    ids = [client.pk for client in clients]
    if not ids:
        return []
    orders = Order.objects.filter(Q(client_id__in=ids) | Q(primary_client_id__in=ids)).order_by("-number")
    newest = list(orders.values_list("pk", flat=True)[:REINDEXED_ORDERS])
    locked = Order.objects.select_for_update(no_key=True).filter(pk__in=newest).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def _note(log: Log, created: list[Client], changed: list[Client], changes: dict[str, Changes], *, urgent: bool) -> None:
    Client.objects.filter(pk__in=[client.pk for client in (*created, *changed)]).update(revision=F("revision") + 1)
    subject = f"client:{log.organization.pk}"
    if created:
        log.record("client.created", subject=subject, data={"ids": [client.pk for client in created]})
    if changed:
        log.record("client.updated", subject=subject, data={"ids": [client.pk for client in changed]}, body=changes)
    owe_clients(log, revision=book_revision(log.organization.pk), urgent=urgent)
