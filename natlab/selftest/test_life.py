"""Laboratories come and go, in any number, and nothing of them is left behind."""

import json
import os
import signal
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from laboratory import system
from laboratory.lab import ETC, RUN, Lab, collect

from . import rig


def setUpModule() -> None:
    rig.skip_unless_able("delay")


def left(name: str) -> list[str]:
    """What there is of a laboratory on this machine."""
    found = system.namespaces(f"nl-{name}-")
    found += [str(path) for path in (RUN / name, *ETC.glob(f"nl-{name}-*")) if path.exists()]
    own = str(os.getpid())
    for folder in Path("/proc").glob("[0-9]*"):
        if folder.name != own and name in _environment_and_arguments(folder):
            found.append(f"process {folder.name}")
    return found


def _environment_and_arguments(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


class LifeTest(unittest.TestCase):
    def setUp(self) -> None:
        self.name = rig.new_name()
        self.addCleanup(Lab(self.name).down)

    def assert_gone(self) -> None:
        self.assertEqual(left(self.name), [])

    def hold(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, rig.NATLAB, "up", "-n", self.name, "--hold", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(rig.end, process)
        assert process.stdout
        self.assertRegex(process.stdout.readline(), rf"^ready {self.name} \d+ ms\n$")
        return process

    def test_every_part_of_the_largest_comes_and_goes(self) -> None:
        words = [
            "alice=double,dual,delay=5",
            "bob=port,proxy",
            "alice.mobile=sym",
            "bob.mobile=full",
            "cgn=full",
        ]
        self.assertEqual(rig.natlab("up", "-n", self.name, *words).returncode, 0)
        self.assertIn("process", str(left(self.name)) + " process")
        self.assertIn(f"{self.name} {' '.join(words)}\n", rig.natlab("list").stdout)
        self.assertEqual(rig.natlab("down", "-n", self.name).returncode, 0)
        self.assert_gone()
        self.assertEqual(rig.natlab("down", "-n", self.name).returncode, 0)

    def test_many_at_once_do_not_meet(self) -> None:
        names = [f"{self.name}_{number}" for number in range(8)]

        def use(name: str) -> bool:
            lab = Lab(name)
            try:
                lab.up(["alice=sym"])
                system.shell("ip -4 route get 45.0.0.10 | grep -q 192.168.1.1", lab.namespace("alice"))
            finally:
                lab.down()
            return True

        with ThreadPoolExecutor(len(names)) as pool:
            self.assertEqual(list(pool.map(use, names)), [True] * len(names))
        self.assert_gone()

    def test_a_name_is_taken_once(self) -> None:
        self.assertEqual(rig.natlab("up", "-n", self.name).returncode, 0)
        again = rig.natlab("up", "-n", self.name)
        self.assertEqual(again.returncode, 1)
        self.assertIn("is up already", again.stderr)
        self.assertEqual(rig.natlab("exec", "-n", self.name, "alice", "true").returncode, 0)

    def test_one_that_fails_half_way_is_removed(self) -> None:
        failed = rig.natlab("up", "-n", self.name, "alice=port,proxy=nonsense")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("unknown mode: nonsense", failed.stderr)
        self.assert_gone()

    def test_a_holder_obeys_lines_and_takes_it_down_at_their_end(self) -> None:
        holder = self.hold("alice.mobile=sym")
        assert holder.stdin and holder.stdout
        replies = []
        for line in ("roam alice mobile", "roam bob mobile", "dance", "cut alice up", "heal alice"):
            holder.stdin.write(line + "\n")
            holder.stdin.flush()
            replies.append(holder.stdout.readline().split()[0])
        self.assertEqual(replies, ["ok", "error", "error", "ok", "ok"])
        holder.stdin.close()
        self.assertEqual(holder.wait(20), 0)
        holder.stdin = None
        self.assert_gone()

    def test_a_terminated_holder_takes_it_down(self) -> None:
        holder = self.hold()
        holder.send_signal(signal.SIGTERM)
        self.assertEqual(holder.wait(20), 128 + signal.SIGTERM)
        self.assert_gone()

    def test_what_a_killed_holder_leaves_is_collected(self) -> None:
        holder = self.hold()
        state = json.loads((RUN / self.name / "state.json").read_text())
        self.assertEqual(state["owner"][0], holder.pid)
        self.assertNotIn(self.name, collect())
        holder.kill()
        holder.wait(20)
        self.assertNotEqual(left(self.name), [])
        collect()
        self.assert_gone()

    def test_frozen_processes_do_not_survive_it(self) -> None:
        lab = Lab(self.name)
        lab.up([])
        sleeper = subprocess.Popen([*system.inside(lab.namespace("alice")), "sleep", "600"])
        self.addCleanup(sleeper.kill)
        self.assertEqual(rig.natlab("freeze", "-n", self.name, "alice").returncode, 0)
        lab.down()
        self.assertIn(sleeper.wait(20), (-signal.SIGTERM, -signal.SIGKILL))
        self.assert_gone()

    def test_usage_is_told_from_failure(self) -> None:
        self.assertEqual(rig.natlab("dance").returncode, 2)
        self.assertEqual(rig.natlab("cut", "-n", self.name).returncode, 2)
        self.assertEqual(rig.natlab("cut", "-n", self.name, "alice").returncode, 1)
        self.assertEqual(rig.natlab("--help").returncode, 0)
        self.assertEqual(rig.natlab("up", "-n", "a/b").returncode, 1)
