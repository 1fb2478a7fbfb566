"""Upstream secrets at rest.

Sealed with a key derived from SEALING_KEY, opened only where a request's headers are built.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

_VERSION = b"\x01"


class SealBroken(Exception):
    """The secret can't be opened with this deployment's SEALING_KEY."""


def seal(secret: str) -> bytes:
    return _VERSION + bytes(_box(settings.SEALING_KEY).encrypt(secret.encode()))


def unseal(sealed: bytes | memoryview) -> str:
    sealed = bytes(sealed)
    if sealed[:1] != _VERSION:
        raise SealBroken("The secret was sealed by another version; enter the upstream's key again.")
    try:
        return _box(settings.SEALING_KEY).decrypt(sealed[1:]).decode()
    except (CryptoError, ValueError) as error:
        raise SealBroken("The secret was sealed with another SEALING_KEY; enter the upstream's key again.") from error


def fingerprint(secret: str) -> str:
    """Tells whether two connections use one key, and nothing else about it."""
    key = _derive(settings.SEALING_KEY, b"fingerprint")
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _box(sealing_key: str) -> SecretBox:
    return SecretBox(_derive(sealing_key, b"secret"))


def _derive(sealing_key: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(sealing_key.encode(), digest_size=32, person=b"upstream-key", salt=purpose[:16]).digest()
