"""The machine below: shell scripts in namespaces, and the processes that live there."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable

from .fail import Fail

# A script that takes longer than this hangs.
SCRIPT_SECONDS = 60
# How long processes have to end on SIGTERM, and to vanish on SIGKILL.
TERM_SECONDS, KILL_SECONDS = 2.0, 2.0


def shell(script: str, namespace: str = "") -> str:
    """Run a shell script, in a namespace if one is named. What it prints; a failure carries what it said."""
    command = [*inside(namespace), "sh", "-eu"] if namespace else ["sh", "-eu"]
    done = subprocess.run(
        command, input=script, text=True, capture_output=True, timeout=SCRIPT_SECONDS, check=False
    )
    if done.returncode:
        where = namespace or "this machine"
        raise Fail(f"{done.stderr.strip() or 'failed'} (in {where}, exit code {done.returncode})\n{script}")
    return done.stdout


def shells(scripts: dict[str, str]) -> None:
    """Run one script in each namespace, all at once."""
    started = []
    for namespace, script in scripts.items():
        process = subprocess.Popen(
            [*inside(namespace), "sh", "-eu"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        process.stdin.write(script)
        process.stdin.close()
        process.stdin = None
        started.append((namespace, process))
    failures = []
    for namespace, process in started:
        _, errors = process.communicate(timeout=SCRIPT_SECONDS)
        if process.returncode:
            failures.append(f"{errors.strip()} (in {namespace})")
    if failures:
        raise Fail("\n".join(failures))


def ip_batch(lines: Iterable[str]) -> None:
    """Many commands of ip(8) in one process; the first failure ends it."""
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run(
        ["ip", "-batch", "-"],
        input=text,
        text=True,
        capture_output=True,
        timeout=SCRIPT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise Fail(f"ip: {done.stderr.strip()}")


def inside(namespace: str) -> list[str]:
    """The words before a command that put it into a namespace."""
    return ["ip", "netns", "exec", namespace]


def namespaces(prefix: str) -> list[str]:
    names = (line.split()[0] for line in shell("ip netns list").splitlines() if line)
    return [name for name in names if name.startswith(prefix)]


def processes(namespace: str) -> list[int]:
    """Ids of all processes in a namespace, without this one."""
    listed = shell(f"ip netns pids {namespace} 2>/dev/null || true").split()
    return [int(pid) for pid in listed if int(pid) != os.getpid()]


def send(pids: Iterable[int], what: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            pass


def end_all(names: Iterable[str]) -> None:
    """End every process in these namespaces: asked first, then made to; a stopped one can only be made to."""
    names = list(names)
    for how, patience in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        left = [pid for name in names for pid in processes(name)]
        send(left, how)
        if not wait(left, lambda pid: not alive(pid), patience):
            break


def wait(pids: list[int], done: Callable[[int], bool], seconds: float = 5.0) -> list[int]:
    """Wait until something holds for each of these processes; those for which it does not in that time."""
    end = time.monotonic() + seconds
    while (pids := [pid for pid in pids if not done(pid)]) and time.monotonic() < end:
        time.sleep(0.02)
    return pids


def alive(pid: int) -> bool:
    """Whether a process is there; one that only waits to be reaped is not."""
    return status(pid) not in ("", "Z")


def status(pid: int) -> str:
    """One letter as ps(1) shows it: `T` is stopped, `Z` waits to be reaped; empty when it has gone."""
    return "".join(_stat(pid)[:1])


def started(pid: int) -> str:
    """When a process began, so that a recycled id is not taken for its owner; empty when it has gone."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def _stat(pid: int) -> list[str]:
    """proc(5), /proc/pid/stat: its fields after the name."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()
    except OSError:
        return []
