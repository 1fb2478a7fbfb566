"""Renders what pages show. Each fragment is rendered once per set of roles, however many pages show it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404

from dashboard.accounts.models import Organization
from dashboard.events.touched import Ref
from dashboard.registry import Place, registry

Roles = frozenset[str]
_log = logging.getLogger(__name__)


class Fragments:
    """The html of one look at one organization."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self._wanted: dict[tuple[str, Roles], set[str]] = defaultdict(set)
        self._html: dict[tuple[str, Roles], Mapping[str, str] | None] = {}
        self._gauges: dict[tuple[Ref, Roles], str | None] = {}
        self._badges: dict[str, int] = {}

    def want(self, refs: Iterable[Ref], roles: Roles) -> None:
        for name, key in refs:
            self._wanted[name, roles].add(key)

    def of(self, ref: Ref, roles: Roles) -> str | None:
        """None where there is nothing to show any more. LookupError where the fragment could not be rendered."""
        name, key = ref
        if (name, roles) not in self._html:
            self._html[name, roles] = self._render(name, roles)
        rendered = self._html[name, roles]
        if rendered is None:
            raise LookupError(f"The region {name} could not be rendered.")
        return rendered.get(key)

    def gauge(self, ref: Ref, roles: Roles) -> str | None:
        if (ref, roles) not in self._gauges:
            self._gauges[ref, roles] = self._render_gauge(ref, roles)
        return self._gauges[ref, roles]

    def badge(self, place: Place) -> int:
        if place.url_name not in self._badges:
            self._badges[place.url_name] = place.badge(self.organization) if place.badge else 0
        return self._badges[place.url_name]

    def _render(self, name: str, roles: Roles) -> Mapping[str, str] | None:
        region = registry.region(name)
        if region is None:
            return {}
        try:
            rendered = region.render(self.organization, sorted(self._wanted[name, roles]), roles)
            return {str(key): html for key, html in rendered.items()}
        except Exception:  # noqa: BLE001 - one broken fragment must not stop everyone's feed; its pages start afresh
            _log.exception("The region %s could not be rendered; its pages are told to reload.", name)
            return None

    def _render_gauge(self, ref: Ref, roles: Roles) -> str | None:
        name, key = ref
        gauge = registry.gauge(name)
        if gauge is None:
            return None
        try:
            return gauge.render(self.organization, key, roles)
        except (ObjectDoesNotExist, Http404, ValidationError, ValueError):
            return None  # the page named the key, so it may be anything
        except Exception:  # noqa: BLE001 - one broken gauge must not stop everyone's feed
            _log.exception("The gauge %s could not be rendered.", name)
            return None
