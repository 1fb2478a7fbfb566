"""API keys of all three APIs: issued once in clear and kept as a digest.

They are looked up on every request, in no cache, so that a revocation counts at once and everywhere.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from blake3 import blake3
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import ApiKey, Organization, User
from dashboard.events.recording import Actor, recording
from dashboard.registry import registry

PREFIX = "cs_live_"
_FORMAT = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_SHOWN = len(PREFIX) + 4
_LAST_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class IssuedKey:
    key: ApiKey
    raw: str


def issue_key(
    *,
    organization: Organization,
    actor: Actor,
    label: str,
    scopes: Sequence[str],
    created_by: User | None = None,
    key_id: uuid.UUID | None = None,
) -> IssuedKey:
    """The only moment at which the key is in clear. A form brings its `key_id`, so that sending it twice makes one."""
    label, scopes = _checked_label(label), _checked_scopes(scopes)
    raw = PREFIX + secrets.token_urlsafe(32)
    with recording(organization, actor) as log:
        fields = {
            "organization": organization,
            "label": label,
            "prefix": raw[:_SHOWN],
            "digest": digest_of(raw),
            "scopes": scopes,
            "created_by": created_by,
        }
        key, created = ApiKey.objects.get_or_create(id=key_id or uuid.uuid4(), defaults=fields)
        if not created:
            raise AccountError("This key was created already, and a key is shown only once. Revoke it if it is lost.")
        log.record("key.issued", subject=f"key:{key.pk}", data={"scopes": scopes})
    return IssuedKey(key, raw)


def revoke_key(*, organization: Organization, actor: Actor, key_id: uuid.UUID) -> bool:
    """Says whether it was this call that revoked it."""
    with recording(organization, actor) as log:
        # The rival is the same click twice: only one of them finds it unrevoked.
        unrevoked = ApiKey.objects.filter(organization=organization, pk=key_id, revoked_at=None)
        if not unrevoked.update(revoked_at=Now()):
            return False
        log.record("key.revoked", subject=f"key:{key_id}")
    return True


def authenticate_key(raw: str) -> ApiKey | None:
    """A search by digest gives nothing away by its timing: nobody can choose the digest of an unknown key."""
    if not _FORMAT.fullmatch(raw):
        return None
    key = ApiKey.objects.select_related("organization").filter(digest=digest_of(raw), revoked_at=None).first()
    if key is not None:
        _note_use(key)
    return key


def authenticate_presented(given: Iterable[str]) -> ApiKey | None:
    """For requests that may name their key in several places: two different ones are nobody."""
    different = set(given)
    return authenticate_key(different.pop()) if len(different) == 1 else None


def allows(key: ApiKey, scope: str) -> bool:
    """Write implies read."""
    area, _, verb = scope.partition(":")
    return scope in key.scopes or (verb == "read" and f"{area}:write" in key.scopes)


def digest_of(raw: str) -> bytes:
    return blake3(raw.encode()).digest()


def _note_use(key: ApiKey) -> None:
    """At most once a minute: a write per request would cost more than the request."""
    stale = timezone.now() - _LAST_USED_EVERY
    if key.last_used_at is None or key.last_used_at < stale:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=stale)  # the rival is the same key in another process
        ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=Now())


def _checked_label(label: str) -> str:
    label = " ".join(label.split())
    if not label or len(label) > 80 or "\0" in label:
        raise AccountError("The label must have 1 to 80 characters.", field="label")
    return label


def _checked_scopes(scopes: Sequence[str]) -> list[str]:
    known = registry.scopes()
    unknown = sorted(set(scopes) - set(known))
    if unknown:
        raise AccountError(f"Unknown scope {unknown[0]!r}. There are: {', '.join(known)}.", field="scopes")
    if not scopes:
        raise AccountError(f"Name at least one scope of: {', '.join(known)}.", field="scopes")
    return [scope for scope in known if scope in scopes]
