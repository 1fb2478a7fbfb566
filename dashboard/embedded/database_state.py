"""What `up` must know about the database before it starts Django: which migrations ran last, and whether it is empty.

A program of its own, so that the supervisor does without a database driver. The stamp is a comment on the database:
it needs no table, and it goes where the database goes.
"""

from __future__ import annotations

import json
import sys

import psycopg
from psycopg import sql

_ORGANIZATIONS = "accounts_organization"


def main(url: str, stamp: str | None = None) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if stamp is not None:
            _write_stamp(connection, stamp)
        print(json.dumps({"stamp": _stamp(connection), "applied": _applied(connection), "empty": _empty(connection)}))


def _write_stamp(connection: psycopg.Connection, stamp: str) -> None:
    name = sql.Identifier(connection.info.dbname)
    text = json.dumps({"migrations": stamp, "applied": _applied(connection)})
    try:
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(text)))
    except psycopg.errors.InsufficientPrivilege:
        print("Only the database's owner can stamp it: each start will run migrate.", file=sys.stderr)


def _stamp(connection: psycopg.Connection) -> str | None:
    """None also where somebody migrated since: the number of applied migrations must still be the stamped one."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    try:
        found = json.loads(row[0]) if row and row[0] else {}
    except ValueError:
        return None
    return found.get("migrations") if found.get("applied") == _applied(connection) else None


def _applied(connection: psycopg.Connection) -> list[int]:
    if not _exists(connection, "django_migrations"):
        return [0, 0]
    row = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM django_migrations").fetchone()
    return list(row or (0, 0))


def _empty(connection: psycopg.Connection) -> bool:
    if not _exists(connection, _ORGANIZATIONS):
        return True
    query = sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(sql.Identifier(_ORGANIZATIONS))
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _exists(connection: psycopg.Connection, table: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return bool(row and row[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
