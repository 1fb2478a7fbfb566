"""What a change owes the upstream, in the adapter's subject types. Every service that changes an order ends here."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from dashboard.events.recording import SYSTEM as SYSTEM_ACTOR
from dashboard.events.recording import Log, recording
from dashboard.upstream.inquiries import MIRROR
from dashboard.upstream.models import Connection, Delivery
from dashboard.upstream.owing import Owed, owe
from orders.models import Attachment, LineItem, Order

SYSTEM = "hesh"
ORDER, TAGS, ATTACHMENT, CLIENTS = "order", "tags", "attachment", "clients"
RANKS = {ORDER: 0, TAGS: 1, ATTACHMENT: 2}


def owe_orders(log: Log, orders: Sequence[Order], *, urgent: bool) -> None:
    owed = [Owed(subject_id=o.pk, lane=o.pk, rank=RANKS[ORDER], revision=o.revision) for o in orders]
    owe(log, system=SYSTEM, subject_type=ORDER, owed=owed, urgent=urgent)


def owe_tags(log: Log, order: Order, items: Sequence[LineItem], *, urgent: bool) -> None:
    _owe_order_first(log, order, urgent=urgent)
    owed = [Owed(subject_id=i.pk, lane=order.pk, rank=RANKS[TAGS], revision=i.tags_revision) for i in items]
    owe(log, system=SYSTEM, subject_type=TAGS, owed=owed, urgent=urgent)


def owe_attachment(log: Log, order: Order, attachment: Attachment, *, urgent: bool) -> None:
    _owe_order_first(log, order, urgent=urgent)
    owed = [Owed(subject_id=attachment.pk, lane=order.pk, rank=RANKS[ATTACHMENT])]
    owe(log, system=SYSTEM, subject_type=ATTACHMENT, owed=owed, urgent=urgent)


def owe_clients(log: Log, *, revision: int, urgent: bool) -> None:
    """The whole client book is one subject: however many clients changed, they leave in as few calls as they fit in."""
    book = log.organization.pk
    owe(
        log,
        system=SYSTEM,
        subject_type=CLIENTS,
        owed=[Owed(subject_id=book, lane=book, revision=revision)],
        urgent=urgent,
    )


def owe_read(log: Log, order: Order, *, revision: int) -> None:
    """In a lane of its own: nobody's cancel waits for somebody's looking."""
    owed = Owed(subject_id=order.pk, lane=uuid5(order.pk, MIRROR), revision=revision)
    owe(log, system=SYSTEM, subject_type=MIRROR, owed=[owed])


def order_of(delivery: Delivery) -> UUID:
    """The order that a delivery is about; not for the client book."""
    return delivery.subject_id if delivery.subject_type == MIRROR else delivery.lane


def _owe_order_first(log: Log, order: Order, *, urgent: bool) -> None:
    """An order from before the upstream was connected must be created there before anything can hang on it."""
    connection = Connection.objects.filter(organization=log.organization, system=SYSTEM).first()
    if connection is None:
        return
    known = Delivery.objects.filter(connection=connection, subject_type=ORDER, subject_id=order.pk)
    if not known.exists():
        owe_orders(log, [order], urgent=urgent)


def owe_what_hangs_on(delivery: Delivery) -> None:
    """Tags and attachments that were refused because their order was not there yet: now it is."""
    held_up = Delivery.objects.filter(
        connection=delivery.connection_id,
        lane=delivery.lane,
        subject_type__in=[TAGS, ATTACHMENT],
        state=Delivery.State.REFUSED,
        attempts=None,
    )
    by_type: dict[str, list[Owed]] = {}
    for one in held_up:
        owed = Owed(subject_id=one.subject_id, lane=one.lane, rank=one.rank, revision=one.revision)
        by_type.setdefault(one.subject_type, []).append(owed)
    if by_type:
        with recording(delivery.organization, SYSTEM_ACTOR) as log:
            for subject_type, owed_ones in sorted(by_type.items()):
                owe(log, system=SYSTEM, subject_type=subject_type, owed=owed_ones)


def is_relayed(organization_id: UUID) -> bool:
    """Whether productions are an upstream's business and only mirrored here."""
    return Connection.objects.filter(organization_id=organization_id, system=SYSTEM).exists()
