"""The nft(8) rules of one router: its NAT (in the words of RFC 4787) and its firewall."""

from __future__ import annotations

from dataclasses import dataclass

from .topology import Segment

# An UDP flow that has seen no answer is forgotten after this many seconds, whatever the mapping's own time.
UNREPLIED_SECONDS = 30


@dataclass(frozen=True)
class Router:
    """`lan` are the interfaces of those behind it, `wan` is the other one, with the address `public`."""

    segment: Segment
    public: str
    lan: tuple[str, ...] = ("lan",)
    firewalls_v6: bool = True

    def script(self) -> str:
        """Shell commands that make a namespace this router."""
        mapping = self.segment.mapping_seconds
        timeouts = "/proc/sys/net/netfilter/nf_conntrack_udp_timeout"
        return "\n".join(
            [
                f"echo {min(UNREPLIED_SECONDS, mapping)} >{timeouts}",
                f"echo {mapping} >{timeouts}_stream",
                f"nft -f - <<'END'\n{self.rules()}END",
            ]
        )

    def rules(self) -> str:
        kind = "port" if self.segment.kind == "double" else self.segment.kind
        mapping = self.segment.mapping_seconds
        return f"""table inet nl {{
  set pub {{ type ipv4_addr; elements = {{ {self.public} }}; }}
  map eim {{ type ipv4_addr . inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout {mapping}s; }}
  map rev {{ type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout {mapping}s; }}
  set peers {{ type inet_service . ipv4_addr; flags dynamic,timeout; timeout {mapping}s; }}
  chain prerouting {{
    type nat hook prerouting priority dstnat
    {_inward(kind)}
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat
    {self._outward(kind)}
  }}
  chain learn {{
    type filter hook postrouting priority 110
    {_learn() if kind in ("full", "addr") else ""}
  }}
  chain input {{
    type filter hook input priority 0; policy drop
    iifname "lo" accept
    ct state established,related accept
    meta l4proto {{ icmp, ipv6-icmp }} accept
    iifname {self._lan} accept
  }}
  chain forward {{
    type filter hook forward priority 0; policy drop
    {self._policy()}
    ct state established,related accept
    iifname {self._lan} accept
    ct status dnat accept
    {'iifname "wan" accept' if kind == "none" else ""}
    {"" if self.firewalls_v6 else 'iifname "wan" meta nfproto ipv6 accept'}
  }}
}}
"""

    @property
    def _lan(self) -> str:
        return "{ " + ", ".join(f'"{name}"' for name in self.lan) + " }"

    def _outward(self, kind: str) -> str:
        """Address translation of what leaves: which public address and port an inner one gets."""
        masquerade = 'oifname "wan" meta nfproto ipv4 masquerade'
        if kind == "none":
            return ""
        if kind == "port":
            return masquerade
        if kind == "sym":
            return f"{masquerade} fully-random"
        # Endpoint-independent mapping: the one that was learned, whatever the destination; and hairpin.
        return f"""meta l4proto udp snat ip to ip saddr . udp sport map @eim
    ip saddr != @pub ct status dnat ip daddr != @pub iifname {self._lan} snat ip to {self.public}
    {masquerade}"""

    def _policy(self) -> str:
        """What the firewall does not let out: a packet vanishes, or with `reject` its sender is told."""
        verdict = "reject with icmpx admin-prohibited" if self.segment.reject else "drop"
        match self.segment.policy:
            case "proxy":
                return f"iifname {self._lan} {verdict}"
            case "web":
                other = "meta l4proto != { icmp, ipv6-icmp } tcp dport != { 80, 443 }"
                return f"iifname {self._lan} {other} {verdict}\n    iifname {self._lan} meta l4proto udp {verdict}"
            case "noudp":
                return f"meta l4proto udp {verdict}"
        return ""


def _inward(kind: str) -> str:
    """Filtering: endpoint-independent for `full`, address-dependent for `addr`; the others know only their flows."""
    if kind == "full":
        return "ip daddr @pub meta l4proto udp dnat ip to udp dport map @rev"
    if kind == "addr":
        return 'iifname "wan" meta l4proto udp udp dport . ip saddr @peers dnat ip to udp dport map @rev'
    return ""


def _learn() -> str:
    """Remembers each mapping both ways, from the first packet out and from answers to what came in."""
    udp_out = 'oifname "wan" meta nfproto ipv4 meta l4proto udp'
    inner, outer = "ct {0} ip saddr . ct {0} proto-src", "ip saddr . udp sport"
    rules = []
    for direction in ("original", "reply"):
        one = inner.format(direction)
        rules.append(f"{udp_out} ct direction {direction} update @eim {{ {one} : {outer} }}")
        rules.append(f"{udp_out} ct direction {direction} update @rev {{ udp sport : {one} }}")
    rules.append(f"{udp_out} update @peers {{ udp sport . ip daddr }}")
    return "\n    ".join(rules)
