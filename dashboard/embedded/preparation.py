"""Brings database and static files up to date before the application starts, and skips what is up to date already.

A second start must not pay for Django three times just to hear that there is nothing to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from dashboard.embedded.folders import PROJECT, VarFolder
from dashboard.embedded.process import Program
from dashboard.embedded.servers import Servers
from dashboard.embedded.supervisor import Supervisor

_SETTINGS = (PROJECT / "requirements.txt", PROJECT / "dashboard" / "settings.py")


def prepare(supervisor: Supervisor, var: VarFolder, servers: Servers) -> None:
    state = _database_state(supervisor, var, servers)
    migrations = _fingerprint(sorted([*_SETTINGS, *_sources("migrations", ".py")]))
    assets = _fingerprint(sorted([*_SETTINGS, *_sources("static", "")]))
    due = []
    if state["stamp"] != migrations:
        due.append(_manage(var, servers, "migrate", "--no-input", "--verbosity", "1"))
    if not _is_collected(var, assets):
        due.append(_manage(var, servers, "collectstatic", "--no-input", "--clear", "--verbosity", "0"))
    if due:
        supervisor.run(*due)
        _static_stamp(var).write_text(assets)
        state = _database_state(supervisor, var, servers, migrations)
    if os.environ.get("COUNTERSIGN_DEMO") == "1" and (state["empty"] or _demo_is_stale(var)):
        supervisor.run(_manage(var, servers, "demo"), output=_unfinished(var))
        _unfinished(var).replace(var.demo)


def _database_state(supervisor: Supervisor, var: VarFolder, servers: Servers, *stamp: str) -> dict[str, object]:
    answer = var.root / "database_state.json"
    argv = (sys.executable, "-m", "dashboard.embedded.database_state", servers.database_url, *stamp)
    supervisor.run(Program("database_state", argv, var.log("database_state"), cwd=PROJECT), output=answer)
    state: dict[str, object] = json.loads(answer.read_text())
    answer.unlink()
    return state


def _is_collected(var: VarFolder, assets: str) -> bool:
    stamp = _static_stamp(var)
    return (var.static / "staticfiles.json").exists() and stamp.exists() and stamp.read_text() == assets


def _static_stamp(var: VarFolder) -> Path:
    return var.root / "static.sha256"


def _demo_is_stale(var: VarFolder) -> bool:
    """Cut short, or of another port: the sandbox is reached over HTTP at its own address."""
    if _unfinished(var).exists():
        return True
    if not var.demo.exists():
        return False
    url: str = json.loads(var.demo.read_text())["url"]
    return not url.endswith(f":{os.environ['PORT']}")


def _unfinished(var: VarFolder) -> Path:
    """Its presence at a start means that the demo was cut short, so it is seeded again."""
    return var.demo.with_suffix(".new")


def _manage(var: VarFolder, servers: Servers, command: str, *arguments: str) -> Program:
    argv = (sys.executable, str(PROJECT / "manage.py"), command, *arguments)
    return Program(command, argv, var.log(command), environment=servers.environment, cwd=PROJECT)


def _sources(folder: str, suffix: str) -> Iterable[Path]:
    """The files below each folder of that name in the project's own packages."""
    for pattern in (folder, f"*/{folder}", f"dashboard/*/{folder}"):
        for found in PROJECT.glob(pattern):
            if not found.relative_to(PROJECT).parts[0].startswith((".", "var")):
                yield from (path for path in found.rglob(f"*{suffix}") if path.is_file() and path.suffix != ".pyc")


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if path.exists():
            digest.update(f"{path.relative_to(PROJECT)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
