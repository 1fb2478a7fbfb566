"""Starts a PostgreSQL and a Redis for the test run, before Django's settings are read.

Loaded with `-p`, because pytest-django reads the settings before any conftest. Workers of a parallel run inherit the
URLs from the process that started them, so there is one pair of servers and one database per worker.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from dashboard.embedded.folders import VarFolder
from dashboard.embedded.servers import embedded_servers, running


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    os.environ.setdefault("SECRET_KEY", "only-for-tests-and-long-enough-for-every-check-of-its-length")
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
    # A terminated run ends like an interrupted one, so that its servers and folders go.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    folder = Path(tempfile.mkdtemp(prefix="countersign-tests-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    var = VarFolder(folder).make()
    var.static.mkdir()
    servers = stack.enter_context(embedded_servers(var, durable=False))
    stack.enter_context(running(servers))
    os.environ.update(servers.environment, VAR=str(folder))
