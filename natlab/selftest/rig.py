"""What the tests share: laboratories of their own, and programs that run in them."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from laboratory import able, system
from laboratory.lab import Lab

HERE = Path(__file__).resolve().parent
NATLAB = HERE.parent / "natlab"
numbers = itertools.count()


def new_name() -> str:
    return f"test{os.getpid()}x{next(numbers)}"


def natlab(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([NATLAB, *words], capture_output=True, text=True, timeout=120, check=False)


def skip_unless_able(*features: str) -> None:
    """For setUpModule: skips its tests, with the reason, where this machine has no laboratories."""
    reason = able.why_not(list(features))
    if reason:
        print(f"skipped: no laboratory here: {reason}")
        raise unittest.SkipTest(f"no laboratory here: {reason}")


def end(process: subprocess.Popen[str]) -> None:
    """A process of a test, and its pipes."""
    process.kill()
    process.communicate()


class LabTestCase(unittest.TestCase):
    def lab(self, *words: str) -> Lab:
        lab = Lab(new_name())
        self.addCleanup(lab.down)
        lab.up(list(words))
        return lab

    def run_in(self, lab: Lab, host: str, *command: str) -> str:
        done = subprocess.run(
            [*system.inside(lab.namespace(host)), *command],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def start(self, lab: Lab, host: str, *command: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*system.inside(lab.namespace(host)), *command], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(end, process)
        return process

    def serve(self, lab: Lab, script: Path = HERE / "echo.py", *words: str) -> None:
        server = self.start(lab, "server", sys.executable, str(script), *(words or ("serve",)))
        assert server.stdout
        self.assertEqual(server.stdout.readline(), "ready\n")

    def trips(self, lab: Lab, host: str = "alice", count: int = 5, pause: float = 0.02) -> list[float]:
        """Round trips, in ms, of the datagrams that were answered."""
        said = self.run_in(lab, host, sys.executable, str(HERE / "echo.py"), "ask", str(count), str(pause))
        return list(json.loads(said)["millis"])

    def heard(self, lab: Lab, host: str = "bob") -> int:
        return int(self.run_in(lab, host, sys.executable, str(HERE / "echo.py"), "heard"))
