"""A large organization, written by the database itself: clients, orders, line items and their deliveries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from dashboard.accounts.models import Membership, Organization, User
from dashboard.upstream.models import Budget, Connection
from orders.models import LineItem, Order
from orders.search import search_vector

CLIENTS = 2_000
RARE, COMMON, ABSENT = "zanzibar", "fragile", "xylophone"

_CLIENTS = """
INSERT INTO orders_client (id, organization_id, external_client_id, name, phone, email, company, revision,
    relayed_revision, created_at)
SELECT gen_random_uuid(), %(org)s, 'C-' || n, 'Client ' || n, '', '', '', 1, 1, now()
FROM generate_series(1, %(clients)s) n
"""
_ORDERS = """
INSERT INTO orders_order (id, organization_id, number, order_key, external_order_id, external_order_number,
    marketplace_order_number, comment, deadline_at, to_stock, priority, client_id, counterparty_id, is_deleted, stage,
    progress, quantity, source, create_digest, revision, search, created_at, updated_at)
SELECT gen_random_uuid(), %(org)s, n, 'NW-' || n, 'WEB-' || n, n::text, '', c.comment,
    CASE WHEN n %% 4 > 0 THEN now() + (n - %(rows)s * 0.6) * interval '1 minute' END,
    false, (ARRAY['Medium', 'High', 'Low', 'Medium', 'Highest'])[n %% 5 + 1], k.id, '', n %% 50 = 49,
    CASE WHEN n %% 50 = 49 THEN 'cancelled' WHEN n < %(rows)s * 0.95 THEN 'done'
         ELSE (ARRAY['to_do', 'in_progress', 'stopped'])[n %% 3 + 1] END,
    CASE WHEN n < %(rows)s * 0.95 THEN 100 ELSE n %% 100 END,
    5, (ARRAY['api', 'import', 'console'])[n %% 3 + 1], '', 1,
    array_to_tsvector(ARRAY['nw-' || n, 'nw', n::text, 'web-' || n, 'web', 'i=nw-' || n, 'i=nw', 'i=' || n,
        'i=web-' || n, 'i=web', 'client', k.c::text, 'c-' || k.c, 'c', 'c=client', 'c=' || k.c, 'c=c-' || k.c, 'c=c',
        'sku-' || s.sku, 'sku', s.sku::text, 's=sku-' || s.sku, 's=sku', 's=' || s.sku, n || '-1', '1', 'chair',
        'lot', w.word] || CASE WHEN n = %(rows)s / 2 THEN ARRAY[%(rare)s] ELSE ARRAY[]::text[] END),
    now() - (%(rows)s - n) * interval '1 second', now() - (%(rows)s - n) * interval '1 second'
FROM generate_series(1, %(rows)s) n
CROSS JOIN LATERAL (SELECT n %% 500 AS sku) s
CROSS JOIN LATERAL (SELECT CASE WHEN n %% 2 = 0 THEN %(common)s ELSE 'sturdy' END AS word) w
CROSS JOIN LATERAL (SELECT w.word || ' lot' || CASE WHEN n = %(rows)s / 2 THEN ' ' || %(rare)s ELSE '' END AS comment) c
JOIN (SELECT id, substr(external_client_id, 3)::int AS c FROM orders_client WHERE organization_id = %(org)s) k
    ON k.c = n %% %(clients)s + 1
"""
_ITEMS = """
INSERT INTO orders_lineitem (id, order_id, position, line_item_id, quantity, sku, product_name, comment, tags,
    tags_revision, tags_on_nested)
SELECT gen_random_uuid(), id, 1, number || '-1', 5, 'SKU-' || number %% 500, 'Chair', '', '{}', 0, false
FROM orders_order WHERE organization_id = %(org)s
"""
_DELIVERIES = """
INSERT INTO upstream_delivery (organization_id, connection_id, subject_type, subject_id, lane, rank, urgent, state,
    revision, acknowledged_revision, remote_id, queued_at, due_at, failures, reason, reason_field, operation, asks,
    request_id, created_at)
SELECT %(org)s, %(connection)s, 'order', id, id, 0, false,
    CASE WHEN number > %(rows)s - 1000 THEN 'waiting' WHEN number %% 2000 = 7 THEN 'refused'
         WHEN number %% 5000 = 8 THEN 'unknown' ELSE 'delivered' END,
    1, 1, '', created_at, created_at, 0,
    CASE WHEN number %% 2000 = 7 THEN 'quantity must be at most 10,000' ELSE '' END, '', 'create', false, '', created_at
FROM orders_order WHERE organization_id = %(org)s ORDER BY number
"""


def seed(rows: int) -> User:
    org = Organization.objects.create(name="Bench", slug="bench", key_abbreviation="NW", last_order_number=rows)
    user = User.objects.create_user("bench@bench.example", "never used to sign in", name="Bench")
    Membership.objects.create(organization=org, user=user, roles=["success_manager"])
    budget = Budget.objects.create(
        system="hesh", host="hesh.example", key_fingerprint="b", windows=[[15, 1], [300, 60], [4000, 3600]]
    )
    upstream = Connection.objects.create(
        organization=org, budget=budget, system="hesh", label="Hesh", base_url="https://hesh.example", sealed_secret=b""
    )
    values = {
        "org": org.pk,
        "rows": rows,
        "clients": CLIENTS,
        "connection": upstream.pk,
        "rare": RARE,
        "common": COMMON,
    }
    with connection.cursor() as cursor:
        with rebuilt_indexes(cursor):
            for statement in (_CLIENTS, _ORDERS, _ITEMS, _DELIVERIES):
                cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")
    check_vectors(rows)
    return user


@contextmanager
def rebuilt_indexes(cursor: Any) -> Iterator[None]:
    """Building an index over what is there takes a fraction of keeping it up row by row."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('orders_order', 'orders_lineitem',"
        " 'upstream_delivery') AND indexdef NOT LIKE 'CREATE UNIQUE%%'"
    )
    indexes = cursor.fetchall()
    cursor.execute("SET maintenance_work_mem = '256MB'; SET synchronous_commit = off")
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in indexes:
        cursor.execute(definition)


def check_vectors(rows: int) -> None:
    """The lexemes that SQL wrote are those that the product writes, or the bench would measure another search."""
    chosen = [*random.Random(7).sample(range(1, rows + 1), 20), rows // 2]
    for order in Order.objects.filter(number__in=chosen).select_related("client", "primary_client"):
        with connection.cursor() as cursor:
            vector = search_vector(order, LineItem.objects.filter(order=order))
            cursor.execute("SELECT %s::tsvector = search FROM orders_order WHERE id = %s", [vector, order.pk])
            if cursor.fetchone() != (True,):
                raise SystemExit(f"Order {order.order_key} was seeded with other lexemes than the product would store.")
