"""Console: the pages that no one domain owns, and the frame around all of them."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "dashboard.console"
    label = "console"

    def ready(self) -> None:
        from dashboard.console import checks  # noqa: F401, PLC0415 - registers itself
