"""A supervisor over small programs, as a process of its own that tests can signal.

Usage: sleepers.py FOLDER NAME=CODE...   Each CODE is a Python program; FOLDER receives logs, pids and what was said.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dashboard.embedded.folders import StartError
from dashboard.embedded.process import Program
from dashboard.embedded.servers import Service
from dashboard.embedded.supervisor import StopRequested, Supervisor


def main(folder: Path, *given: str) -> int:
    def note(pids: dict[str, int]) -> None:
        unfinished = folder / "pids.new"
        unfinished.write_text(json.dumps(pids))
        unfinished.replace(folder / "pids.json")

    supervisor = Supervisor(say=lambda text: print(text, flush=True))
    supervisor.on_change = note
    with supervisor.signals():
        try:
            for name, code in (each.split("=", 1) for each in given):
                argv = (sys.executable, "-c", code, str(folder))
                supervisor.start(Service(Program(name, argv, folder / f"{name}.log", grace=1.0), is_server=True))
            (folder / "ready").touch()
            supervisor.keep()
        except StopRequested:
            return 0
        except StartError as error:
            print(error, flush=True)
            return 1
        finally:
            supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
