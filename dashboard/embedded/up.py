"""`manage.py up`: servers, migrations, static files, demo, application; everything ends together."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from dashboard.embedded.application import HOST, configured_port, listen, web, workers
from dashboard.embedded.folders import StartError, VarFolder
from dashboard.embedded.preparation import prepare
from dashboard.embedded.run_file import Lock, Run, read_run
from dashboard.embedded.secret_key import secret_key
from dashboard.embedded.servers import embedded_servers
from dashboard.embedded.supervisor import StopRequested, Supervisor

_PATIENCE = 10.0


def up() -> int:
    try:
        var = VarFolder.from_environment().make()
        with _sole_start(var):
            _run(var, configured_port())
    except StopRequested:
        _say("Stopped.")
        return 0
    except StartError as error:
        print(f"manage.py up: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def _sole_start(var: VarFolder) -> Iterator[None]:
    lock = Lock(var.lock)
    if not lock.acquire(0.0 if _is_up(var) else _PATIENCE):
        run = read_run(var)
        where = f" at {run.url}" if run and run.url else ""
        who = f"`{run.command}` (process {run.pid})" if run else "another command"
        raise StartError(f"{who} already runs on {var.root}{where}; end it, or set VAR and PORT for a second one.")
    try:
        yield
    finally:
        lock.release()


def _is_up(var: VarFolder) -> bool:
    run = read_run(var)
    return run is not None and run.command == "up"


def _run(var: VarFolder, port: int) -> None:
    os.environ.update(SECRET_KEY=secret_key(var), PORT=str(port), VAR=str(var.root))
    supervisor = Supervisor(say=_say)
    with supervisor.signals(), listen(port) as listener, embedded_servers(var) as servers:
        run = Run(os.getpid(), "up", str(servers.sockets), servers.database_url, servers.redis_url)
        supervisor.on_change = lambda pids: replace(run, pids=pids).write(var)
        try:
            for server in servers.services:
                supervisor.start(server)
            run.ready = True
            prepare(supervisor, var, servers)
            # First and alone: four interpreters that start at once on two cores would keep people waiting.
            supervisor.start(web(var, servers, listener))
            supervisor.start(*workers(var, servers))
            run.url = f"http://{HOST}:{port}"
            supervisor.report()
            _welcome(var, run.url)
            supervisor.keep()
        finally:
            # Closed first: whoever comes now is refused at once instead of waiting for nobody.
            listener.close()
            supervisor.stop()
            var.run_file.unlink(missing_ok=True)


def _welcome(var: VarFolder, url: str) -> None:
    _say(f"Countersign runs at {url}  (Ctrl-C stops it; logs are in {var.logs})")
    if os.environ.get("COUNTERSIGN_DEMO") != "1" or not var.demo.exists():
        return
    for login in json.loads(var.demo.read_text())["logins"]:
        _say(f"  {login['role']:<16} {login['email']:<32} {login['password']:<24} {login['org']}")


def _say(text: str) -> None:
    print(text, flush=True)
