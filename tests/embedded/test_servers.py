from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from dashboard.embedded.binaries import find_postgres
from dashboard.embedded.folders import StartError, VarFolder
from dashboard.embedded.identity import AsUser
from dashboard.embedded.postgres import settle
from dashboard.embedded.servers import Servers, embedded_servers, running
from tests.embedded.conftest import ROOT, processes_of, until


@contextmanager
def started(var: VarFolder) -> Iterator[tuple[Servers, dict[str, int]]]:
    with embedded_servers(var) as servers, running(servers) as pids:
        yield servers, pids


def test_the_database_is_utf8_in_utc_durable_and_not_on_the_network(var: VarFolder) -> None:
    with started(var) as (servers, _), psycopg.connect(servers.database_url) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in SETTINGS}
        assert shown == SETTINGS
        assert connection.execute("SELECT lower('ÄÖÜ'), version() LIKE 'PostgreSQL 18%'").fetchone() == ("äöü", True)
        assert connection.info.dbname == "countersign"


SETTINGS = {
    "server_encoding": "UTF8",
    "timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "max_connections": "120",
}


def test_a_stop_leaves_nothing_and_no_permission_outside_the_folder_has_changed(var: VarFolder) -> None:
    parents = list(var.root.parents)
    before = [folder.stat().st_mode for folder in parents]
    with started(var) as (servers, _):
        assert servers.sockets.stat().st_mode & 0o777 == 0o700
    assert not servers.sockets.exists()
    assert processes_of(var.root) == set()
    assert [folder.stat().st_mode for folder in parents] == before


@pytest.mark.kill
def test_rows_and_keys_survive_the_sudden_death_of_both_servers(var: VarFolder) -> None:
    with started(var) as (servers, pids):
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 100) AS n")
        with redis.Redis.from_url(servers.redis_url) as cache:
            cache.set("kept", "yes")
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
    with started(var) as (servers, _):
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100,)
        with redis.Redis.from_url(servers.redis_url) as cache:
            assert cache.get("kept") == b"yes"


def test_a_pid_file_that_names_somebody_else_s_process_is_no_obstacle(var: VarFolder) -> None:
    with started(var):
        pass
    (var.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{var.postgres}\n1\n5432\n/tmp\n\n  1 1\nready\n")
    with started(var) as (servers, _), psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_interrupted_set_up_is_begun_anew(var: VarFolder) -> None:
    unfinished = var.postgres.with_name("postgres.new")
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with started(var) as (servers, _), psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_ordinary_user_starts_the_same_servers(tmp_path: Path) -> None:
    """In a process of its own, because root can't take the step back."""
    folder = Path("/tmp") / f"countersign-user-{os.getpid()}"  # noqa: S108 - pytest's own folders are closed to others
    folder.mkdir(mode=0o700)
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    try:
        argv = [
            sys.executable,
            "-m",
            "tests.embedded.ordinary_user",
            str(folder),
            str(nobody.pw_uid),
            str(nobody.pw_gid),
        ]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"uid": nobody.pw_uid, "database": 1, "redis": True}
        assert {path.stat().st_uid for path in (folder / "var").rglob("*")} == {nobody.pw_uid}
    finally:
        shutil.rmtree(folder)


def test_root_without_a_namespace_that_reaches_the_folder_runs_postgresql_elsewhere(tmp_path: Path) -> None:
    """A folder of somebody else's, closed to others, is open to root but not to root in a namespace of its own."""
    closed = tmp_path / "closed"
    closed.mkdir()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(closed, nobody.pw_uid, nobody.pw_gid)
    closed.chmod(0o700)
    var = VarFolder(closed / "var").make()
    home = settle(var)
    if os.geteuid() != 0:
        assert (home.data, home.binaries) == (var.postgres, find_postgres())
        return
    try:
        assert isinstance(home.identity, AsUser)
        with started(var) as (servers, pids), psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert Path(f"/proc/{pids['postgres']}").stat().st_uid == home.identity.uid
        assert home.data.stat().st_uid == home.identity.uid
    finally:
        shutil.rmtree(home.data.parent)


def test_data_of_another_user_is_refused_by_name(var: VarFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    var.postgres.mkdir()
    owner = var.postgres.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(StartError, match=f"belongs to user {owner}"), started(var):
        pass


def test_given_urls_win_and_start_nothing(var: VarFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/orders")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example/0")
    with started(var) as (servers, pids):
        assert pids == {}
        assert (servers.database_url, servers.redis_url) == (
            "postgresql://db.example/orders",
            "redis://cache.example/0",
        )
    until(lambda: not var.postgres.exists(), "no cluster")
