"""What can happen to a client's network: each function is a verb of the command line."""

from __future__ import annotations

import signal
import sys

from . import system
from .addresses import gateway, lan_v6, wan_v4, wan_v6
from .fail import Fail
from .lab import DAEMONS, Lab
from .plan import MOBILE, WIFI, client
from .router import Router
from .topology import UNITS, Impairment

CUT, LOSS = "nlcut", "nlloss"
# What enters a client's router: from the client on `lan`, for the client on `wan`.
DIRECTIONS = {"up": ("lan",), "down": ("wan",), "both": ("lan", "wan")}
QUEUE_MILLIS = 200
# The line is dead somewhere beyond the next hop: neighbours (ARP, ND) go on finding each other.
NEIGHBOURS = (
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept"
)
SILENCE = f"{NEIGHBOURS}; meta protocol {{ ip, ip6 }} drop"


def cut(lab: Lab, host: str, direction: str = "both") -> None:
    """Silence both directions, or one (`up`: from the host): packets vanish, and nobody is told."""
    if direction not in DIRECTIONS:
        raise Fail(f"direction {direction!r}: up, down or both")
    router = lab.namespace(lab.router(host))
    system.shell(_remove(CUT) + _ingress(CUT, DIRECTIONS[direction], "-500", SILENCE), router)


def heal(lab: Lab, host: str) -> None:
    """End a cut."""
    system.shell(_remove(CUT), lab.namespace(lab.router(host)))


def unplug(lab: Lab, host: str) -> None:
    """Take the carrier of the host's line away, which the host notices."""
    system.shell("ip link set lan down", lab.namespace(lab.router(host)))


def plug(lab: Lab, host: str) -> None:
    """Give it back."""
    name = lab.active(host)
    unit = UNITS["alice" if lab.segment(name).kind == "lan" else name]
    address = f"ip addr replace {lan_v6(unit)}::1/64 dev lan nodad"
    system.shell(f"ip link set lan up; {address}", lab.namespace(lab.router(host)))


def roam(lab: Lab, host: str, to: str) -> None:
    """Move the host to its other network: its addresses and its way out change in mid-stream."""
    if to not in ("wifi", "mobile"):
        raise Fail(f"network {to!r}: wifi or mobile")
    lab.active(host)
    name = host if to == "wifi" else f"{host}.mobile"
    old, new = (WIFI, MOBILE) if to == "mobile" else (MOBILE, WIFI)
    lines = [f"ip addr flush dev {old}", f"ip link set {old} down"]
    lines += client(new, UNITS[name], 10, lab.segment(name))
    system.shell("\n".join(lines), lab.namespace(host))
    lab.set_active(host, name)


def rebind(lab: Lab, host: str) -> None:
    """The host's router starts again: all mappings are forgotten, and its public address is another one."""
    name, topology = lab.active(host), lab.topology()
    unit, segment = UNITS[name], lab.segment(name)
    if (kind := segment.kind) in ("double", "none", "lan"):
        raise Fail(f"rebind: {host} is behind {kind}; it takes a single NAT of its own")
    router = lab.namespace(gateway(name))
    v4, v6 = wan_v4(topology, name), wan_v6(unit)
    before = system.shell("ip -4 -o addr show dev wan", router)
    public = f"{v4}.3" if f"{v4}.2/" in before else f"{v4}.2"
    system.shell(
        # Nothing is forwarded meanwhile: a packet of an old flow would teach the new rules the old address.
        f"""echo 0 >/proc/sys/net/ipv4/ip_forward
ip addr flush dev wan scope global
ip addr add {public}/24 dev wan
ip route replace default via {v4}.1
ip addr add {v6}::2/64 dev wan nodad
ip route replace default via {v6}::1
nft delete table inet nl
{Router(segment, public).script()}
{sys.executable} {DAEMONS}/flush.py
echo 1 >/proc/sys/net/ipv4/ip_forward
""",
        router,
    )


def impair(lab: Lab, host: str, *words: str) -> None:
    """Make the host's line slow, lossy or narrow in both directions; without words it is good again."""
    set_line(lab, lab.router(host), Impairment.parse(words))


def freeze(lab: Lab, host: str) -> None:
    """Stop every process on the host, as a closed lid does; its network goes on."""
    lab.active(host)
    pids = system.processes(lab.namespace(host))
    system.send(pids, signal.SIGSTOP)
    system.wait(pids, lambda pid: system.status(pid) in ("T", "t", "Z", ""))


def thaw(lab: Lab, host: str) -> None:
    """Let them go on."""
    lab.active(host)
    system.send(system.processes(lab.namespace(host)), signal.SIGCONT)


VERBS = {verb.__name__: verb for verb in (cut, heal, unplug, plug, roam, rebind, impair, freeze, thaw)}


def set_line(lab: Lab, router: str, line: Impairment) -> None:
    """Impair what passes a router; whatever was set before is gone."""
    script = _remove(LOSS)
    if line.loss:
        per_100_000 = round(line.loss * 1000)
        rule = f"meta protocol {{ ip, ip6 }} numgen random mod 100000 < {per_100_000} drop"
        script += _ingress(LOSS, DIRECTIONS["both"], "0", rule)
    for device in DIRECTIONS["both"]:
        script += f"tc qdisc del dev {device} root 2>/dev/null || true\n"
        if line.rate:
            limits = f"burst 16kb latency {QUEUE_MILLIS}ms"
            script += f"tc qdisc add dev {device} root tbf rate {line.rate} {limits}\n"
    delayed = bool(line.delay or line.jitter)
    if delayed:
        # Before connection tracking, so that a flow that waits has one entry. Without the daemon, all passes.
        queue = "-j NFQUEUE --queue-num 0 --queue-bypass"
        for tables in ("iptables", "ip6tables"):
            script += f"{tables} -w -t raw -F PREROUTING\n"
            for device in DIRECTIONS["both"]:
                script += f"{tables} -w -t raw -A PREROUTING -i {device} {queue}\n"
    lab.stop_daemon(router, "delay")
    system.shell(script, lab.namespace(router))
    if delayed:
        lab.start_daemon(router, "delay", str(line.delay), str(line.jitter))


def _remove(table: str) -> str:
    return f"nft delete table netdev {table} 2>/dev/null || true\n"


def _ingress(table: str, devices: tuple[str, ...], priority: str, rule: str) -> str:
    """Commands for a table that treats what enters the router, before anything else sees it."""
    chains = "".join(
        f"  chain {device} {{ type filter hook ingress device {device} priority {priority}; {rule}; }}\n"
        for device in devices
    )
    return f"nft -f - <<'END'\ntable netdev {table} {{\n{chains}}}\nEND\n"
