"""What a laboratory is made of, as its user says it: `alice=sym,delay=40`, `bob.mobile=port`, `cgn=full`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .fail import Fail

KINDS = ("none", "full", "addr", "port", "sym", "double", "lan")
CARRIER_KINDS = ("port", "sym", "full")
POLICIES = ("noudp", "web", "proxy")
FAMILIES = ("v4", "v6", "dual")
# Each client's number stands in all of its addresses.
UNITS = {"alice": 1, "bob": 2, "alice.mobile": 3, "bob.mobile": 4}
CLIENTS = ("alice", "bob")
MAX_MAPPING_SECONDS = 86_400


@dataclass(frozen=True)
class Impairment:
    """What a line does to packets, in each direction: milliseconds, percent, and a rate as tc(8) writes it."""

    delay: float = 0
    jitter: float = 0
    loss: float = 0
    rate: str = ""

    @staticmethod
    def parse(words: Iterable[str]) -> Impairment:
        """Read words like `delay=50`, `jitter=10`, `loss=2`, `rate=5mbit`."""
        values: dict[str, str] = {}
        for word in words:
            key, _, value = word.partition("=")
            if key not in ("delay", "jitter", "loss", "rate"):
                raise Fail(f"impairment {word!r}: one of delay= jitter= loss= rate=")
            values[key] = value
        rate = values.get("rate", "")
        if rate and not re.fullmatch(r"\d+(\.\d+)?(bit|kbit|mbit|gbit)", rate):
            raise Fail(f"rate={rate}: a number and bit, kbit, mbit or gbit")
        delay, jitter = (_number(key, values, 10_000) for key in ("delay", "jitter"))
        return Impairment(delay, jitter, _number("loss", values, 100), rate)


@dataclass(frozen=True)
class Segment:
    """The access network of one client: the kind of its NAT, what its firewall lets out, how good its line is."""

    kind: str
    policy: str = ""
    reject: bool = False
    family: str = "v4"
    mapping_seconds: int = 120
    proxy_modes: str = ""
    impairment: Impairment = field(default_factory=Impairment)

    @property
    def v4(self) -> bool:
        return self.family != "v6"

    @property
    def v6(self) -> bool:
        return self.family != "v4"

    @staticmethod
    def parse(text: str) -> Segment:
        """Read `KIND[,opt[=v]]...`."""
        kind, *options = text.split(",")
        if kind not in KINDS:
            raise Fail(f"unknown kind of NAT {kind!r}; one of {' '.join(KINDS)}")
        policy, reject, family, mapping, modes, line = "", False, "v4", 120, "", []
        for option in options:
            key, equals, value = option.partition("=")
            if option in POLICIES or (key == "proxy" and equals):
                policy, modes = key, value
            elif option in FAMILIES:
                family = option
            elif option == "reject":
                reject = True
            elif key == "mapping":
                mapping = int(_number(key, {key: value}, MAX_MAPPING_SECONDS))
            else:
                line.append(option)
        if mapping < 1:
            raise Fail("mapping: at least 1 second")
        return Segment(kind, policy, reject, family, mapping, modes, Impairment.parse(line))


@dataclass(frozen=True)
class Topology:
    """All access networks, and the carrier's NAT that both homes may be behind."""

    segments: dict[str, Segment]
    carrier: str = ""

    @staticmethod
    def parse(words: Iterable[str]) -> Topology:
        """Read what follows `natlab up`; alice and bob are there, behind `port`, unless said otherwise."""
        segments = {"alice": Segment.parse("port"), "bob": Segment.parse("port")}
        carrier = ""
        for word in words:
            key, _, value = word.partition("=")
            if key == "cgn" and value in CARRIER_KINDS:
                carrier = value
            elif key in UNITS and value:
                segments[key] = Segment.parse(value)
            else:
                raise Fail(f"not understood: {word!r} (see natlab --help)")
        for name, segment in segments.items():
            if segment.kind == "lan" and name != "bob":
                raise Fail("kind lan: for bob alone, who then is on alice's network")
        return Topology(segments, carrier)

    @property
    def same_lan(self) -> bool:
        return self.segments["bob"].kind == "lan"

    def behind_carrier(self, name: str) -> bool:
        """Homes are behind the carrier's NAT; a mobile segment has one of its own."""
        return bool(self.carrier) and name in CLIENTS


def _number(key: str, values: dict[str, str], most: float) -> float:
    text = values.get(key, "0")
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise Fail(f"{key}={text}: a number from 0 to {most:g}")
    return number
