"""As whom a server runs. PostgreSQL refuses to be root, and root's folders are closed to everyone else.

In a user namespace of its own the postmaster sees itself as an ordinary user, while for the file system it still is
root: it may live in a 0700 folder of root's, and no permission outside of it has to change.
"""

from __future__ import annotations

import ctypes
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_CLONE_NEWUSER = 0x10000000
_libc = ctypes.CDLL(None, use_errno=True)


class Identity(Protocol):
    @property
    def owner(self) -> int:
        """The uid that files of such a process have, seen from outside."""
        ...

    def enter(self) -> None:
        """Runs in the forked child, before exec."""
        ...


@dataclass(frozen=True)
class Unchanged:
    @property
    def owner(self) -> int:
        return os.geteuid()

    def enter(self) -> None:
        return None


@dataclass(frozen=True)
class InUserNamespace:
    """Root outside, `inner` inside."""

    inner: int

    @property
    def owner(self) -> int:
        return os.geteuid()

    def enter(self) -> None:
        if _libc.unshare(_CLONE_NEWUSER):
            raise OSError(ctypes.get_errno(), "user namespaces are forbidden")
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{self.inner} 0 1")
        _write("/proc/self/gid_map", f"{self.inner} 0 1")


@dataclass(frozen=True)
class AsUser:
    uid: int
    gid: int

    @property
    def owner(self) -> int:
        return self.uid

    def enter(self) -> None:
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)


def _write(path: str, text: str) -> None:
    with Path(path).open("w") as file:
        file.write(text)


def ordinary_uid() -> int:
    """1000, or the first uid that the password file knows: initdb looks its own user up by name."""
    known = [entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0]
    return 1000 if 1000 in known or not known else known[0]


def unprivileged_user() -> AsUser:
    entry = pwd.getpwnam("nobody")
    return AsUser(entry.pw_uid, entry.pw_gid)
