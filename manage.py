#!/usr/bin/env python3
"""Every command's way in: servers and keys come first, because Django's settings are read from the environment."""

from __future__ import annotations

import os
import sys

from dashboard.embedded.folders import StartError
from dashboard.embedded.services import services


def main() -> int:
    if sys.argv[1:2] == ["up"]:
        from dashboard.embedded.up import up  # Django stays out of the supervisor, and it out of the commands

        return up()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        with services(sys.argv[1:]):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except StartError as error:
        print(f"manage.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
