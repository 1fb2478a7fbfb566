"""Upstreams: connections, budgets, deliveries, attempts, and the drains that send."""

from importlib import import_module

from django.apps import AppConfig


class UpstreamConfig(AppConfig):
    name = "dashboard.upstream"
    label = "upstream"

    def ready(self) -> None:
        from dashboard.registry import registry  # noqa: PLC0415 - beside its use
        from dashboard.upstream.domain import UPSTREAM  # noqa: PLC0415 - imports models, which need the apps

        registry.register(UPSTREAM)
        # Its signal receivers must be connected before a worker gets ready.
        import_module("dashboard.upstream.ticker")
