"""Accounts: organizations, members, roles, sign-in and API keys."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "dashboard.accounts"
    label = "accounts"

    def ready(self) -> None:
        from dashboard.accounts.domain import ACCOUNTS  # noqa: PLC0415 - imports models, which need the apps
        from dashboard.registry import registry  # noqa: PLC0415 - beside its use

        registry.register(ACCOUNTS)
