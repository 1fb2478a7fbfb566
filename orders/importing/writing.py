"""A chunk of drafts against the orders that are there: what each would do, or did. Errors find their row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor
from orders.errors import Invalid
from orders.importing.assembling import Draft, header_of
from orders.importing.collecting import Rejected, Table
from orders.importing.columns import COLUMNS
from orders.schemas import OrderRow, validate
from orders.services.bulk_writes import Written, dry_run_orders, write_orders

LINE_FIELD = re.compile(r"order_items\[(\d+)\]\.?(\w*)")


@dataclass(frozen=True)
class Outcome:
    draft: Draft
    result: str  # created, updated, unchanged or rejected
    order_id: UUID | None = None


def try_drafts(*, organization: Organization, actor: Actor, drafts: Sequence[Draft], table: Table) -> list[Outcome]:
    """The dry run writes nothing, so nobody acts."""
    del actor
    return _outcomes(drafts, table, lambda rows: dry_run_orders(organization=organization, orders=rows))


def write_drafts(*, organization: Organization, actor: Actor, drafts: Sequence[Draft], table: Table) -> list[Outcome]:
    """Inside the transaction that also saves how far the file has got."""
    return _outcomes(
        drafts,
        table,
        lambda rows: write_orders(organization=organization, actor=actor, orders=rows, source="import"),
    )


def _outcomes(drafts: Sequence[Draft], table: Table, write: Callable[[list[OrderRow]], list[Written]]) -> list[Outcome]:
    checked = [_checked(made, table) for made in drafts]
    rows = [row for _, row in checked if row]
    written = {one.external_order_id: one for one in (write(rows) if rows else ())}
    return [
        _outcome(made, written[row.external_order_id], table) if row else Outcome(made, "rejected")
        for made, row in checked
    ]


def _checked(made: Draft, table: Table) -> tuple[Draft, OrderRow | None]:
    if made.rejected:
        return made, None
    try:
        return made, validate(OrderRow, made.fields)
    except Invalid as error:
        return made.refused(_located(made, table, field, text) for field, text in error.problems), None


def _outcome(made: Draft, written: Written, table: Table) -> Outcome:
    if written.outcome == "rejected":
        return Outcome(made.refused([_located(made, table, written.field, written.error)]), "rejected")
    return Outcome(made, written.outcome, written.order_id)


def _located(made: Draft, table: Table, field: str, sentence: str) -> Rejected:
    """The row that a schema's field lies in, and the sentence with the file's own name for it."""
    part, key, row = "order", field, made.rows[0]
    if found := LINE_FIELD.match(field):
        part, key, row = "line", found[2], made.rows[int(found[1])]
    elif "." in field:
        part, key = field.split(".", 1)
    column = next((c for c in COLUMNS if (c.part, c.key) == (part, key)), None)
    if column and field and sentence.startswith(field):
        sentence = f"{header_of(column, table)}{sentence[len(field) :]}"
    return Rejected(row.number, sentence)
