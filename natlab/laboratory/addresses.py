"""Who has which address. All of them exist inside the laboratory's namespaces alone."""

from __future__ import annotations

from .topology import UNITS, Topology

SERVER_V4 = ("45.0.0.10", "45.0.0.11")
SERVER_V6 = ("2a0f:0:0:1::10", "2a0f:0:0:1::11")
SERVER_NAME = "server.lab"
CARRIER_V4 = "45.0.9.2"
CARRIER_V6 = "2a0f:0:0:9::2"
PROXY_PORT = 3128


def lan_v4(unit: int, kind: str) -> str:
    """First three octets of a client's own network; public where there is no NAT."""
    if kind == "none":
        return f"45.0.{100 + unit}"
    return f"192.168.{unit}" if unit < 3 else f"10.64.{unit}"


def lan_v6(unit: int) -> str:
    """The /64 of a client's own network: there is no NAT for IPv6."""
    return f"2a0f:0:0:{100 + unit}"


def wan_v4(topology: Topology, name: str) -> str:
    """First three octets of the network between a client's outermost router and the next hop (.1)."""
    return f"100.64.{UNITS[name]}" if topology.behind_carrier(name) else f"45.0.{UNITS[name]}"


def wan_v6(unit: int) -> str:
    return f"2a0f:0:0:1{unit}"


def middle_v4(unit: int) -> str:
    """Between the two routers of kind `double`."""
    return f"192.168.{100 + unit}"


def middle_v6(unit: int) -> str:
    return f"2a0f:0:0:20{unit}"


def gateway(name: str) -> str:
    """The router that a segment's client sees."""
    return name.replace(".mobile", "mob") + "gw"
