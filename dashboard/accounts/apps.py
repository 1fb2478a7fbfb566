"""Accounts: organizations, members, roles, sign-in and API keys."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "dashboard.accounts"
    label = "accounts"
