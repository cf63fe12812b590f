"""Why laboratories, or a part of what they do, cannot be had on this machine."""

from __future__ import annotations

import os
import shutil

from .events import impair
from .fail import Fail
from .lab import Lab

# Features beyond the plain laboratory, and the words of a trial.
FEATURES = ("delay",)


def why_not(features: list[str]) -> str:
    """The reason, in one line; empty if all of it works. Tries, by building one."""
    for feature in features:
        if feature not in FEATURES:
            raise Fail(f"feature {feature!r}: one of {' '.join(FEATURES)}")
    tools = ["ip", "nft", "tc"] + (["iptables", "ip6tables"] if "delay" in features else [])
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        return f"missing: {' '.join(missing)} (packages iproute2, nftables, iptables)"
    lab = Lab(f"able{os.getpid()}")
    try:
        lab.up([])
        if "delay" in features:
            impair(lab, "alice", "delay=1")
    except (Fail, OSError) as error:
        return str(error).splitlines()[0]
    finally:
        lab.down()
    return ""
