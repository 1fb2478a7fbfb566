"""What an order is found by. The lexemes of the index and of the question are made here, so that both always agree.

PostgreSQL's own parsers read `NW-10248` as a word and a negative number; these keep it whole and add its parts.
A lexeme that belongs to one field is stored a second time behind that field's mark, so that `sku:NW-11` is one lookup
in the same index.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Lookup

from orders.models import LineItem, Order

ID, CLIENT, SKU, TAG = "i=", "c=", "s=", "t="
LONGEST = 64  # characters of a lexeme; PostgreSQL refuses more than 2,046 bytes
MOST = 5_000  # lexemes of one order: thousands of line items must not push the vector past its 1 MiB
_WORD = re.compile(r"[^\W_]+")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")


def folded(text: str) -> str:
    """Lower case without accents: `Münchner` is found by `munchner`."""
    parts = unicodedata.normalize("NFKD", text.replace("\0", ""))
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()


def tokens(text: str) -> list[str]:
    """The words of a question, each whole: `"NW-10248, Reims"` is `nw-10248` and `reims`."""
    bare = (_EDGE.sub("", word)[:LONGEST] for word in folded(text).split())
    return [word for word in bare if word]


def lexemes(text: str) -> Iterator[str]:
    for token in tokens(text):
        yield token
        yield from _WORD.findall(token)


def tag_lexeme(tag: str) -> str:
    return TAG + folded(tag).strip()[:LONGEST]


def search_vector(order: Order, items: Iterable[LineItem]) -> str:
    """The order's lexemes in the form that a tsvector column takes."""
    found: dict[str, None] = {}
    for mark, text in _texts(order, items):
        for lexeme in lexemes(text):
            found[lexeme] = None
            if mark:
                found[mark + lexeme] = None
        if mark == TAG:
            found[tag_lexeme(text)] = None
    return " ".join(quoted(lexeme) for lexeme in list(found)[:MOST])


def _texts(order: Order, items: Iterable[LineItem]) -> Iterator[tuple[str, str]]:
    """(mark, text) of everything that is searched, the order's own names first."""
    for text in (order.order_key, order.external_order_id, order.external_order_number, order.marketplace_order_number):
        yield ID, text
    for client in filter(None, (order.client, order.primary_client)):
        for text in (client.name, client.company, client.external_client_id or "", client.email, client.phone):
            yield CLIENT, text
    yield "", order.comment
    for item in items:
        yield SKU, item.sku
        yield "", f"{item.line_item_id} {item.product_name} {item.comment}"
        yield from ((TAG, tag) for tag in item.tags)


def refresh_search(order_ids: Sequence[UUID]) -> None:
    """Rebuild the vectors from the rows, inside the caller's transaction: after tags or a client changed."""
    items: dict[UUID, list[LineItem]] = defaultdict(list)
    for item in LineItem.objects.filter(order_id__in=order_ids).order_by("position"):
        items[item.order_id].append(item)
    orders = list(Order.objects.filter(pk__in=order_ids).select_related("client", "primary_client").defer("search"))
    for order in orders:
        order.search = search_vector(order, items[order.pk])
    Order.objects.bulk_update(orders, ["search"], batch_size=500)


def quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def starts_with(lexeme: str) -> str:
    return f"{quoted(lexeme)}:*"


def any_of(lexeme_list: Iterable[str]) -> str:
    return " | ".join(quoted(lexeme) for lexeme in lexeme_list)


@SearchVectorField.register_lookup
class Holds(Lookup):
    """`search__holds="'nw-10248':* & 'reims':*"`: a query in lexemes, never parsed by a text search configuration."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        return f"{left} @@ %s::tsquery", (*left_params, self.rhs)
