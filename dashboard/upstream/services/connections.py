"""What people do with connections: make them, test them, pause them, give them another key."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from dashboard.accounts.models import Organization
from dashboard.events.recording import Actor, Log, recording
from dashboard.registry import registry
from dashboard.upstream.addresses import AddressRefused, check_url, host_of
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.models import Budget, Connection, System
from dashboard.upstream.outcomes import KEY_REFUSED
from dashboard.upstream.sealing import fingerprint, seal, unseal
from dashboard.upstream.wake import waking


@dataclass(frozen=True)
class NewConnection:
    system: str
    base_url: str
    secret: str
    label: str = ""
    tenant: str = ""
    account: str = ""  # team id (HESO) or agent id (Hashee)
    timeout_seconds: float | None = None
    # Calls a second and how many at once, where they differ from what the system publishes.
    rate: float | None = None
    burst: int | None = None


def connect(*, organization: Organization, actor: Actor, connection: NewConnection) -> Connection:
    """One per organization and system. What is changed from now on is owed to it; what was there before is not."""
    url = _checked(connection.base_url)
    _check(connection)
    with recording(organization, actor) as log:
        if Connection.objects.filter(organization=organization, system=connection.system).exists():
            label = System(connection.system).label
            raise UpstreamError(f"{organization.name} is connected to {label} already; change that connection instead.")
        made = Connection.objects.create(
            organization=organization,
            budget=_budget(connection.system, url, connection.secret, _windows(connection)),
            system=connection.system,
            label=connection.label.strip() or System(connection.system).label,
            base_url=url,
            sealed_secret=seal(connection.secret),
            tenant=connection.tenant.strip(),
            account=connection.account.strip(),
            timeout_seconds=connection.timeout_seconds or settings.UPSTREAM_TIMEOUT_SECONDS,
        )
        _record(log, "connection.created", made, data={"system": made.system}, body={"base_url": url})
    return made


def pause_connection(*, organization: Organization, actor: Actor, connection_id: UUID, reason: str = "") -> Connection:
    """Nothing more leaves; what is on its way is still written down. Pausing twice changes nothing."""
    with recording(organization, actor) as log:
        found = _locked(organization, connection_id)
        if found.state == Connection.State.ACTIVE:
            found.state, found.paused_reason = Connection.State.PAUSED, reason.strip()[:300]
            found.save(update_fields=["state", "paused_reason"])
            _record(
                log, "connection.paused", found, body={"reason": found.paused_reason} if found.paused_reason else None
            )
    return found


def resume_connection(*, organization: Organization, actor: Actor, connection_id: UUID) -> Connection:
    with recording(organization, actor) as log:
        found = _locked(organization, connection_id)
        _resume(log, found)
    return found


def replace_secret(*, organization: Organization, actor: Actor, connection_id: UUID, secret: str) -> Connection:
    """Another key is another caller to the upstream, so it has a budget of its own.

    Ends a pause that the old key caused.
    """
    if not secret.strip():
        raise UpstreamError("Enter the new key.", "secret")
    with recording(organization, actor) as log:
        found = _locked(organization, connection_id)
        old = found.budget
        found.sealed_secret = seal(secret.strip())
        found.budget = _budget(found.system, found.base_url, secret.strip(), (old.windows, old.reserve))
        found.save(update_fields=["sealed_secret", "budget"])
        _record(log, "connection.secret_replaced", found)
        if found.paused_reason == KEY_REFUSED:
            _resume(log, found)
        log.after_commit(waking(found.budget_id))
    return found


def _resume(log: Log, found: Connection) -> None:
    if found.state == Connection.State.PAUSED:
        found.state, found.paused_reason = Connection.State.ACTIVE, ""
        found.save(update_fields=["state", "paused_reason"])
        _record(log, "connection.resumed", found)
        log.after_commit(waking(found.budget_id))


def _locked(organization: Organization, connection_id: UUID) -> Connection:
    rows = Connection.objects.select_for_update(of=("self",)).select_related("budget", "organization")
    found = rows.filter(organization=organization, pk=connection_id).first()
    if found is None:
        raise UpstreamError(f"{organization.name} has no connection {connection_id}.")
    return found


def _checked(url: str) -> str:
    try:
        return check_url(url)
    except AddressRefused as error:
        raise UpstreamError(str(error), "base_url") from error


def _check(connection: NewConnection) -> None:
    if connection.system not in System.values:
        raise UpstreamError(
            f"{connection.system} is no system that can be connected; use hesh, heso or hashee.", "system"
        )
    try:
        registry.adapter(connection.system)
    except LookupError as error:
        label = System(connection.system).label
        raise UpstreamError(f"This deployment has no adapter for {label}.", "system") from error
    if not connection.secret.strip():
        raise UpstreamError("Enter the upstream's key.", "secret")
    if not connection.secret.isascii() or not connection.secret.isprintable():
        raise UpstreamError("A key holds printable ASCII characters only; check what was pasted.", "secret")
    if connection.rate is not None and not 0.01 <= connection.rate <= 1000:
        raise UpstreamError("The rate must be from 0.01 to 1,000 calls a second.", "rate")


def _windows(connection: NewConnection) -> tuple[list[list[float]], list[list[float]]]:
    """A rate and a burst become strict windows: a bucket that refills at R never admits more than R in a second."""
    if connection.rate is None:
        adapter = registry.adapter(connection.system)
        return [list(window) for window in adapter.windows], [list(kept) for kept in adapter.reserve]
    whole = max(1, int(connection.rate))
    calls = min(whole, connection.burst or whole)
    return [[calls, calls / connection.rate]], []


def _budget(system: str, url: str, secret: str, limits: tuple[list[list[float]], list[list[float]]]) -> Budget:
    windows, reserve = limits
    found, _ = Budget.objects.get_or_create(
        system=system,
        host=host_of(url),
        key_fingerprint=fingerprint(secret.strip()),
        defaults={"windows": windows, "reserve": reserve},
    )
    return found


def _record(
    log: Log,
    kind: str,
    connection: Connection,
    *,
    data: dict[str, object] | None = None,
    body: dict[str, object] | None = None,
) -> None:
    log.record(kind, subject=f"connection:{connection.pk}", data=data or {}, body=body)


def change_address(*, organization: Organization, actor: Actor, connection_id: UUID, base_url: str) -> Connection:
    """Another host counts calls by itself, so the connection joins its budget. The same address changes nothing."""
    url = _checked(base_url)
    with recording(organization, actor) as log:
        found = _locked(organization, connection_id)
        if found.base_url == url:
            return found
        old = found.budget
        found.base_url = url
        found.budget = _budget(found.system, url, unseal(found.sealed_secret), (old.windows, old.reserve))
        found.save(update_fields=["base_url", "budget"])
        _record(log, "connection.address_changed", found, body={"base_url": url})
        log.after_commit(waking(found.budget_id))
    return found
