"""Everything one row of an order list shows, read in one query; the same for a page, a filter and a live push."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.db.models.query import ValuesListIterable

from dashboard.upstream.models import Delivery
from orders import relay_state
from orders.models import LineItem, Order

COLUMNS = (
    "pk",
    "number",
    "order_key",
    "external_order_id",
    "external_order_number",
    "stage",
    "progress",
    "quantity",
    "priority",
    "deadline_at",
    "updated_at",
    "is_deleted",
)


@dataclass(frozen=True, slots=True)
class OrderRow:
    pk: UUID
    number: int
    order_key: str
    external_order_id: str
    external_order_number: str
    stage: str
    progress: int
    quantity: int
    priority: str
    deadline_at: datetime | None
    updated_at: datetime
    is_deleted: bool
    client_name: str | None
    item_count: int
    deliveries: Sequence[Mapping[str, Any]]

    @property
    def delivery(self) -> Mapping[str, Any] | None:
        return relay_state.worst(self.deliveries)

    def is_overdue(self, now: datetime) -> bool:
        return self.deadline_at is not None and self.deadline_at < now and self.stage not in ("done", "cancelled")


def with_row_facts(orders: QuerySet[Order]) -> QuerySet[Any]:
    """A queryset of OrderRow. The facts are subqueries, which PostgreSQL computes for the rows of the page only."""
    rows = orders.annotate(**_facts()).values_list(*COLUMNS, *_facts())
    rows._iterable_class = _OrderRows  # noqa: SLF001 - keeps slicing and filtering, without a model per row
    return rows


@cache
def _facts() -> dict[str, Any]:
    """Expressions hold no state of a query, so one set serves all."""
    items = LineItem.objects.filter(order=OuterRef("pk")).order_by().values("order")
    deliveries = Delivery.objects.filter(
        organization=OuterRef("organization"), lane=OuterRef("pk"), subject_type__in=relay_state.SUBJECTS
    )
    facts = JSONObject(
        id="id",
        state="state",
        reason="reason",
        field="reason_field",
        queued_at="queued_at",
        settled_at="settled_at",
        unknown_since="unknown_since",
    )
    return {
        "client_name": F("client__name"),
        "item_count": Coalesce(Subquery(items.annotate(n=Count("pk")).values("n")), 0),
        "deliveries": ArraySubquery(deliveries.values(facts=facts)),
    }


class _OrderRows(ValuesListIterable):  # type: ignore[type-arg]  # it is not generic at run time
    def __iter__(self) -> Iterator[OrderRow]:
        return (OrderRow(*row) for row in super().__iter__())
