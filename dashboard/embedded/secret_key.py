"""The key that signs sessions: from the environment, else made once per `VAR` and kept there for its owner only."""

from __future__ import annotations

import os
import secrets

from dashboard.embedded.folders import StartError, VarFolder


def secret_key(var: VarFolder) -> str:
    given = os.environ.get("SECRET_KEY")
    return given or _kept(var) or _made(var)


def passing_secret_key(var: VarFolder) -> str:
    """For commands that write nothing: the kept key, or one that ends with the process."""
    return os.environ.get("SECRET_KEY") or _kept(var) or secrets.token_urlsafe(48)


def _kept(var: VarFolder) -> str | None:
    try:
        return var.secret_key.read_text().strip() or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StartError(f"{var.secret_key} can't be read ({error.strerror}); set SECRET_KEY or VAR.") from error


def _made(var: VarFolder) -> str:
    unfinished = var.secret_key.with_suffix(f".{os.getpid()}")
    with open(unfinished, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(unfinished, var.secret_key)  # fails where another command was faster: then its key counts
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
    return _kept(var) or _made(var)
