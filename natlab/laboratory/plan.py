"""From a topology to the cables and shell scripts that make it: computed here, run by lab.py."""

from __future__ import annotations

from . import addresses
from .addresses import gateway, lan_v4, lan_v6, middle_v4, middle_v6, wan_v4, wan_v6
from .router import Router
from .topology import UNITS, Segment, Topology

ROUTES = "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding"
# A client's interface on each kind of its segments.
WIFI, MOBILE = "eth0", "wwan0"


class Plan:
    """Hosts, the cables between them, and what each host has to do to be itself."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.scripts: dict[str, list[str]] = {}
        # (host, interface, host, interface)
        self.cables: list[tuple[str, str, str, str]] = []
        self._internet()
        if topology.carrier:
            self._carrier()
        for name, segment in topology.segments.items():
            self._segment(name, segment)

    @property
    def hosts(self) -> list[str]:
        return list(self.scripts)

    def _add(self, host: str, *lines: str) -> None:
        self.scripts.setdefault(host, []).extend(lines)

    def _cable(self, one: str, one_device: str, other: str, other_device: str) -> None:
        self.cables.append((one, one_device, other, other_device))
        for host, device in ((one, one_device), (other, other_device)):
            # One packet of the wire in each buffer: loss and delay act on packets, not on 64 KiB of them.
            # No duplicate address detection: an address that turns valid a second later is news to a browser.
            self._add(
                host,
                f"echo 0 >/proc/sys/net/ipv6/conf/{device}/accept_dad",
                f"ip link set {device} up gso_max_segs 1",
            )

    def _address(self, host: str, device: str, v4: str, v6: str) -> None:
        if v4:
            self._add(host, f"ip addr add {v4}/24 dev {device}")
        self._add(host, f"ip addr add {v6}/64 dev {device} nodad")

    def _way_up(self, host: str, v4: str, v6: str) -> None:
        self._add(host, f"ip route add default via {v4}", f"ip route add default via {v6}")

    def _internet(self) -> None:
        self._add("inet", ROUTES)
        self._cable("inet", "srv", "server", "eth0")
        self._address("inet", "srv", "45.0.0.1", "2a0f:0:0:1::1")
        for v4, v6 in zip(addresses.SERVER_V4, addresses.SERVER_V6, strict=True):
            self._address("server", "eth0", v4, v6)
        self._way_up("server", "45.0.0.1", "2a0f:0:0:1::1")

    def _carrier(self) -> None:
        self._cable("inet", "isp", "isp", "wan")
        self._address("inet", "isp", "45.0.9.1", "2a0f:0:0:9::1")
        self._add("isp", ROUTES)
        self._address("isp", "wan", addresses.CARRIER_V4, addresses.CARRIER_V6)
        self._way_up("isp", "45.0.9.1", "2a0f:0:0:9::1")
        segment = Segment(self.topology.carrier)
        router = Router(segment, addresses.CARRIER_V4, lan=("c1", "c2"), firewalls_v6=False)
        self._add("isp", router.script())

    def _segment(self, name: str, segment: Segment) -> None:
        """client -- gateway (NAT, firewall) -- [second NAT] -- [carrier] -- internet"""
        host, _, mobile = name.partition(".")
        unit, own = UNITS[name], gateway(name)
        device = MOBILE if mobile else WIFI
        if segment.kind == "lan":
            home = self.topology.segments["alice"]
            self._cable("alicegw", "lan2", host, device)
            self._add("alicegw", "ip link set lan2 master lan")
            self._add(host, *client(device, UNITS["alice"], 20, home))
            return
        self._add(own, ROUTES)
        if name == "alice" and self.topology.same_lan:
            self._add(own, "ip link add lan type bridge", "ip link set lan up")
            self._cable(own, "lan1", host, device)
            self._add(own, "ip link set lan1 master lan")
        else:
            self._cable(own, "lan", host, device)
        v4 = f"{lan_v4(unit, segment.kind)}.1" if segment.v4 else ""
        self._address(own, "lan", v4, f"{lan_v6(unit)}::1")
        off = [f"ip link set {device} down"]
        self._add(host, *(off if mobile else client(device, unit, 10, segment)))
        self._uplink(name, segment)

    def _uplink(self, name: str, segment: Segment) -> None:
        """From the client's gateway to the internet, or to the carrier's NAT."""
        unit, own = UNITS[name], gateway(name)
        top = "isp" if self.topology.behind_carrier(name) else "inet"
        v4, v6, lan6 = wan_v4(self.topology, name), wan_v6(unit), lan_v6(unit)
        public, outer = f"{v4}.2", own
        if segment.kind == "double":
            public, outer = f"{middle_v4(unit)}.2", f"{own}2"
            self._second_router(name, f"{v4}.2")
        self._cable(top, f"c{unit}", outer, "wan")
        self._address(top, f"c{unit}", f"{v4}.1", f"{v6}::1")
        self._add(top, f"ip route add {lan6}::/64 via {v6}::2")
        self._address(outer, "wan", f"{v4}.2", f"{v6}::2")
        self._way_up(outer, f"{v4}.1", f"{v6}::1")
        if top == "isp":
            self._add("inet", f"ip route add {lan6}::/64 via {addresses.CARRIER_V6}")
        if segment.kind == "none":
            self._add(top, f"ip route add {lan_v4(unit, 'none')}.0/24 via {v4}.2")
        self._add(own, Router(segment, public).script())

    def _second_router(self, name: str, public: str) -> None:
        """Kind `double`: a NAT of the provider's before the home's own."""
        unit, inner, outer = UNITS[name], gateway(name), f"{gateway(name)}2"
        v4, v6 = middle_v4(unit), middle_v6(unit)
        self._cable(outer, "lan", inner, "wan")
        self._add(outer, ROUTES)
        self._address(outer, "lan", f"{v4}.1", f"{v6}::1")
        self._add(outer, f"ip route add {lan_v6(unit)}::/64 via {v6}::2")
        self._add(outer, Router(Segment("port"), public, firewalls_v6=False).script())
        self._address(inner, "wan", f"{v4}.2", f"{v6}::2")
        self._way_up(inner, f"{v4}.1", f"{v6}::1")


def client(device: str, unit: int, last: int, segment: Segment) -> list[str]:
    """What a client does to be on a network: its address there, and its way out."""
    lines = [f"ip link set {device} up"]
    disabled = f"/proc/sys/net/ipv6/conf/{device}/disable_ipv6"
    if segment.v4:
        v4 = lan_v4(unit, segment.kind)
        lines += [
            f"ip addr replace {v4}.{last}/24 dev {device}",
            f"ip route replace default via {v4}.1 dev {device}",
        ]
    if segment.v6:
        v6 = lan_v6(unit)
        lines += [
            f"echo 0 >{disabled}",
            f"ip addr replace {v6}::{last}/64 dev {device} nodad",
            f"ip -6 route replace default via {v6}::1 dev {device}",
        ]
    else:
        lines += [f"echo 1 >{disabled}"]
    return lines
