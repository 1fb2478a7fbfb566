"""Where this installation keeps its state, and the short private folder for its sockets.

A unix socket path may hold 107 bytes at most, so sockets never live under `VAR`, whose path may be longer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_SOCKET_PREFIX = "countersign-"


class StartError(Exception):
    """Something outside the program keeps it from starting; the message says what and what to do."""


@dataclass(frozen=True)
class VarFolder:
    root: Path

    @classmethod
    def from_environment(cls) -> VarFolder:
        return cls(Path(os.environ.get("VAR") or PROJECT / "var").absolute())

    def make(self) -> VarFolder:
        try:
            for folder in (self.root, self.logs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(f"{self.root} can't be made ({error.strerror}); set VAR to a writable folder.") from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise StartError(f"{self.root} is not writable for this user; set VAR to a folder that is.")
        return self

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def guests(self) -> Path:
        return self.root / "guests.lock"

    @property
    def run_file(self) -> Path:
        return self.root / "run.json"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret_key"

    @property
    def static(self) -> Path:
        return self.root / "static"

    @property
    def demo(self) -> Path:
        return self.root / "demo.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def make_socket_folder() -> Path:
    """A new 0700 folder with a short path; /tmp first, because TMPDIR may be long (it is on macOS)."""
    base = "/tmp" if os.access("/tmp", os.W_OK | os.X_OK) else None  # noqa: S108 - mkdtemp makes it private
    return Path(tempfile.mkdtemp(prefix=_SOCKET_PREFIX, dir=base))


def remove_socket_folder(folder: Path) -> None:
    """Removes only what `make_socket_folder` can have made: a stale run file must not name a victim."""
    if folder.name.startswith(_SOCKET_PREFIX) and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
