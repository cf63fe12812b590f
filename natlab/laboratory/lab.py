"""One laboratory: its namespaces, its state on disk, its daemons. Not safe for two callers at once."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import addresses, system
from .addresses import gateway
from .fail import Fail
from .plan import Plan
from .topology import CLIENTS, UNITS, Segment, Topology

RUN = Path(os.environ.get("NATLAB_RUN", "/run/natlab"))
ETC = Path("/etc/netns")
DAEMONS = Path(__file__).resolve().parent / "daemons"
# The name stands in the names of namespaces.
NAME = re.compile(r"[A-Za-z0-9_]{1,40}")


class Lab:
    """A laboratory by its name, whether it is up or not."""

    def __init__(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise Fail(f"name {name!r}: 1 to 40 letters, digits and _")
        self.name = name
        self.folder = RUN / name

    def namespace(self, host: str) -> str:
        return f"nl-{self.name}-{host}"

    # ---- up and down -----------------------------------------------------------------------------------------

    def up(self, words: list[str], owner: int | None = None) -> None:
        """Build it. `owner` is the process that it is not to outlive (see `collect`)."""
        topology = Topology.parse(words)
        RUN.mkdir(parents=True, exist_ok=True)
        try:
            self.folder.mkdir()
        except FileExistsError:
            raise Fail(f"laboratory {self.name} is up already (natlab down -n {self.name})") from None
        try:
            self._build(topology, words, owner)
        except BaseException:
            self.down()
            raise

    def _build(self, topology: Topology, words: list[str], owner: int | None) -> None:
        from . import events

        plan = Plan(topology)
        self._save(
            {
                "name": self.name,
                "topology": words,
                "hosts": plan.hosts,
                "owner": [owner, system.started(owner)] if owner else None,
                "server": {"v4": addresses.SERVER_V4, "v6": addresses.SERVER_V6},
                "active": {client: client for client in CLIENTS},
            }
        )
        self._write_etc(plan)
        system.ip_batch(f"netns add {self.namespace(host)}" for host in plan.hosts)
        system.ip_batch(
            f"link add name {device} netns {self.namespace(host)} type veth"
            f" peer name {other_device} netns {self.namespace(other)}"
            for host, device, other, other_device in plan.cables
        )
        system.shells(
            {
                self.namespace(host): "\n".join(["ip link set lo up", *lines, ""])
                for host, lines in plan.scripts.items()
            }
        )
        self._write_wrappers()
        for name, segment in topology.segments.items():
            if segment.kind != "lan":
                events.set_line(self, gateway(name), segment.impairment)
            if segment.policy == "proxy":
                port = str(addresses.PROXY_PORT)
                self.start_daemon(gateway(name), "proxy", port, segment.proxy_modes)

    def _write_etc(self, plan: Plan) -> None:
        """`ip netns exec` puts these over /etc: the server has a name, and no name takes a time-out to be unknown."""
        if not os.access(ETC.parent, os.W_OK):
            return
        names = f"127.0.0.1 localhost\n::1 localhost\n{addresses.SERVER_V4[0]} {addresses.SERVER_NAME}\n"
        if any(segment.v6 for segment in plan.topology.segments.values()):
            names += f"{addresses.SERVER_V6[0]} {addresses.SERVER_NAME}\n"
        for host in plan.hosts:
            folder = ETC / self.namespace(host)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n", encoding="utf-8")
            (folder / "hosts").write_text(names, encoding="utf-8")

    def _write_wrappers(self) -> None:
        """`bin/alice-chromium`: Chromium on that host, by one path, as Playwright's `executablePath` wants it."""
        folder = self.folder / "bin"
        folder.mkdir()
        for client in CLIENTS:
            path = folder / f"{client}-chromium"
            path.write_text(
                f'#!/bin/sh\nexec ip netns exec {self.namespace(client)} "${{PEERLINE_CHROMIUM:-chromium}}" "$@"\n',
                encoding="utf-8",
            )
            path.chmod(0o755)

    def down(self) -> None:
        """Remove all of it; does no harm to one that is half built, or gone already."""
        names = system.namespaces(self.namespace(""))
        system.end_all(names)
        for name in names:
            system.shell(f"ip netns del {name} || true")
        if ETC.is_dir():
            for path in ETC.glob(f"{self.namespace('')}*"):
                shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- state -------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        try:
            with open(self.folder / "state.json", encoding="utf-8") as file:
                return dict(json.load(file))
        except FileNotFoundError:
            raise Fail(f"no laboratory {self.name} is up") from None

    def topology(self) -> Topology:
        return Topology.parse(self.state()["topology"])

    def active(self, client: str) -> str:
        """Name of the segment that a client is on: `alice`, or `alice.mobile`."""
        if client not in CLIENTS:
            raise Fail(f"{client!r}: one of {' '.join(CLIENTS)}")
        return str(self.state()["active"][client])

    def set_active(self, client: str, segment: str) -> None:
        state = self.state()
        state["active"][client] = segment
        self._save(state)

    def segment(self, name: str) -> Segment:
        """A segment of this laboratory by its name."""
        segment = self.topology().segments.get(name)
        if not segment:
            hint = f" (natlab up … {name}=sym)" if name in UNITS else ""
            raise Fail(f"this laboratory has no {name}{hint}")
        return segment

    def router(self, client: str) -> str:
        """The router that a client is behind now; two clients on one LAN share it."""
        name = self.active(client)
        return "alicegw" if self.segment(name).kind == "lan" else gateway(name)

    def _save(self, state: dict[str, Any]) -> None:
        new = self.folder / "state.json.new"
        new.write_text(json.dumps(state, indent=1), encoding="utf-8")
        new.rename(self.folder / "state.json")

    # ---- daemons -----------------------------------------------------------------------------------------------

    def start_daemon(self, host: str, what: str, *arguments: str) -> None:
        """Start one of ours on a host; it says `ready` once it serves, and its words go to a file."""
        log = self.folder / f"{host}.{what}.log"
        with open(log, "ab") as errors:
            process = subprocess.Popen(
                [
                    *system.inside(self.namespace(host)),
                    sys.executable,
                    str(DAEMONS / f"{what}.py"),
                    *arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        assert process.stdout
        with process.stdout as out:
            said = out.readline().strip()
        process.returncode = 0  # it lives on without us: Python need not warn that nobody waits for it
        if said != b"ready":
            raise Fail(f"{what} on {host} did not start: {log.read_text(errors='replace')[-500:].strip()}")
        (self.folder / f"{host}.{what}.pid").write_text(str(process.pid), encoding="utf-8")

    def stop_daemon(self, host: str, what: str) -> None:
        file = self.folder / f"{host}.{what}.pid"
        if file.exists():
            system.send([int(file.read_text(encoding="utf-8"))], signal.SIGTERM)
            file.unlink()


def laboratories() -> list[Lab]:
    """All that are up, or half so."""
    return [Lab(path.name) for path in sorted(RUN.glob("*")) if NAME.fullmatch(path.name)]


def collect() -> list[str]:
    """Remove laboratories that have outlived their owner; their names."""
    removed = []
    for lab in laboratories():
        try:
            owner = lab.state().get("owner")
        except Fail:
            continue  # being built
        if owner and system.started(owner[0]) != owner[1]:
            lab.down()
            removed.append(lab.name)
    return removed
