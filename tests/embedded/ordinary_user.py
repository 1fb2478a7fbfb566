"""Starts both servers as an ordinary user and asks each one something. Usage: ordinary_user.py FOLDER UID GID"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import psycopg

from dashboard.embedded import redis
from dashboard.embedded.folders import VarFolder
from dashboard.embedded.servers import embedded_servers, running


def main(folder: Path, uid: int, gid: int) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    var = VarFolder(folder / "var").make()
    with (
        embedded_servers(var) as servers,
        running(servers),
        psycopg.connect(servers.database_url) as connection,
    ):
        row = connection.execute("SELECT 1").fetchone()
        found = {"uid": os.getuid(), "database": row[0] if row else None, "redis": redis.is_ready(servers.sockets)}
        print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
