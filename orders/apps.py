"""Orders: from a file, a form or the Public API to the upstream."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from dashboard.registry import registry  # noqa: PLC0415 - beside its use
        from orders.domain import ORDERS  # noqa: PLC0415 - imports models, which need the apps

        registry.register(ORDERS)
