"""The embedded PostgreSQL: made once, started by its binary, reachable through one unix socket only."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dashboard.embedded.binaries import PostgresBinaries, find_postgres
from dashboard.embedded.folders import StartError, VarFolder
from dashboard.embedded.identity import AsUser, Identity, InUserNamespace, Unchanged, ordinary_uid, unprivileged_user
from dashboard.embedded.process import Program

DATABASE = "countersign"
# Only a part of the socket's name; said on both sides, because PGPORT in the environment would change either.
_PORT = 5432
_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    # One process instead of three more: the data sets that one machine runs embedded fit into memory.
    "io_method": "sync",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
_WITHOUT_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class PostgresHome:
    """The programs, the data folder, and as whom the one runs in the other."""

    binaries: PostgresBinaries
    data: Path
    identity: Identity


def settle(var: VarFolder) -> PostgresHome:
    """Decides where the data lives. Under `VAR`, except for root on a system that forbids user namespaces."""
    binaries = find_postgres()
    _refuse_a_stranger_s_data(var.postgres)
    inside = PostgresHome(binaries, var.postgres, Unchanged())
    if os.geteuid() != 0:
        return inside
    namespaced = PostgresHome(binaries, var.postgres, InUserNamespace(ordinary_uid()))
    # Data that once had to be made outside stays where it is, even if namespaces are allowed by now.
    stayed_outside = (_outside_folder(var) / "postgres").exists() and not var.postgres.exists()
    if not stayed_outside and _is_usable(namespaced, var.root):
        return namespaced
    if var.postgres.exists():
        raise StartError(
            f"{var.postgres} was made by root in a user namespace, which this system now forbids; "
            "allow user namespaces, or set DATABASE_URL."
        )
    return _outside(var, binaries)


def initialise(home: PostgresHome, *, durable: bool = True) -> None:
    """Makes the cluster and the database beside their place and moves them there: half a cluster never counts."""
    if (home.data / "PG_VERSION").exists():
        return
    unfinished = home.data.with_name(f"{home.data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    if isinstance(home.identity, AsUser):
        os.chown(unfinished, home.identity.uid, home.identity.gid)
    arguments = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-instructions", "--no-locale"]
    arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", *([] if durable else ["--no-sync"])]
    _run(home, [str(home.binaries.initdb), "-D", str(unfinished), *arguments])
    single_user = [str(home.binaries.postgres), "--single", "-D", str(unfinished), "postgres"]
    _run(home, single_user, f"CREATE DATABASE {DATABASE}\n")
    unfinished.rename(home.data)


def program(home: PostgresHome, *, sockets: Path, log: Path, durable: bool = True) -> Program:
    if isinstance(home.identity, AsUser):
        os.chown(sockets, home.identity.uid, home.identity.gid)
    settings = _SETTINGS | ({} if durable else _WITHOUT_DURABILITY) | {"unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        argv=(str(home.binaries.postgres), "-D", str(home.data), *options),
        log=log,
        # Not the caller's folder, which may be closed to that identity.
        cwd=home.data.parent,
        identity=home.identity,
        stop_signal=signal.SIGINT,
        orphan_signal=signal.SIGINT,
        grace=15.0,
    )


def is_ready(home: PostgresHome, pid: int) -> bool:
    """What pg_ctl looks at: the server writes its state into the eighth line of its pid file."""
    lines = _pid_file(home)
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def clear_leftover(home: PostgresHome, patience: float = 15.0) -> None:
    """Waits for a server that a killed supervisor left stopping, and removes the pid file of a dead one.

    The server trusts any live process with the recorded pid; after a reboot or in a container that may be anyone.
    """
    deadline = time.monotonic() + patience
    while (pid := _leftover_pid(home)) and _is_ours(home, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        if time.monotonic() > deadline:
            raise StartError(f"PostgreSQL from an earlier start (process {pid}) does not stop; end it and start again.")
        time.sleep(0.05)
    _end_orphans(home, deadline)
    (home.data / "postmaster.pid").unlink(missing_ok=True)


def _end_orphans(home: PostgresHome, deadline: float) -> None:
    """Backends outlive a killed postmaster while they are busy, and the next one refuses to start beside them."""
    while orphans := [pid for pid in _all_pids() if _is_ours(home, pid)]:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        if time.monotonic() > deadline:
            raise StartError(f"PostgreSQL's processes {orphans} from an earlier start do not stop; end them.")
        time.sleep(0.02)


def _all_pids() -> list[int]:
    """None where there is no /proc: there the postmaster's own retries have to do."""
    with contextlib.suppress(OSError):
        return [int(found.name) for found in Path("/proc").iterdir() if found.name.isdecimal()]
    return []


def url(sockets: Path) -> str:
    """The folder as a quoted host: every parser of such URLs reads that, not all read `?host=`."""
    return f"postgresql://postgres@{quote(str(sockets), safe='')}:{_PORT}/{DATABASE}"


def _refuse_a_stranger_s_data(data: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        owner = data.stat().st_uid
        if owner != os.geteuid():
            raise StartError(f"{data} belongs to user {owner}; start as that user, or set VAR to another folder.")


def _is_usable(home: PostgresHome, folder: Path) -> bool:
    """Whether that identity may exist here, write the folder and run the program."""
    probe = ["/bin/sh", "-c", 'test -w "$1" && test -x "$2"', "probe", str(folder), str(home.binaries.postgres)]
    try:
        return subprocess.run(probe, check=False, preexec_fn=home.identity.enter).returncode == 0
    except subprocess.SubprocessError:
        return False


def _outside(var: VarFolder, binaries: PostgresBinaries) -> PostgresHome:
    user = unprivileged_user()
    base = _outside_folder(var)
    base.mkdir(mode=0o755, exist_ok=True)
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise StartError(f"{base} is not a folder that only root can write; remove it and start again.")
    return PostgresHome(binaries.copy_to(base), base / "postgres", user)


def _outside_folder(var: VarFolder) -> Path:
    name = hashlib.sha256(os.fsencode(var.root)).hexdigest()[:16]
    return Path("/var/tmp") / f"countersign-{name}"  # noqa: S108 - its owner is checked before it is used


def _run(home: PostgresHome, command: list[str], text: str = "") -> None:
    """Without variables that would point the programs at another cluster."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    enter: Callable[[], None] = home.identity.enter
    finished = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=home.data.parent,
        env=environment,
        preexec_fn=enter,
        start_new_session=True,  # so that Ctrl-C reaches us only
    )
    if finished.returncode:
        said = (finished.stderr or finished.stdout).strip()[-800:]
        raise StartError(f"PostgreSQL could not be set up in {home.data}: {said}")


def _pid_file(home: PostgresHome) -> list[str]:
    try:
        return (home.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _leftover_pid(home: PostgresHome) -> int | None:
    lines = _pid_file(home)
    return int(lines[0]) if lines and lines[0].isdecimal() else None


def _is_ours(home: PostgresHome, pid: int) -> bool:
    """A server works in its data folder; without /proc the program's name has to do."""
    if Path("/proc/self/cwd").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cwd").samefile(home.data)
        return False
    shown = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return Path(shown.stdout.strip()).name.startswith("postgres")
