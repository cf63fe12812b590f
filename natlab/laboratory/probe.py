"""Classifies the NAT that a host is behind, from inside, with the tests of RFC 5780."""

from __future__ import annotations

import subprocess
import sys

from . import addresses, system
from .fail import Fail
from .lab import DAEMONS, Lab

# Not 3478: a relay under test may be there.
PORT = 3490
PATIENCE_SECONDS = 60


def classify(lab: Lab, host: str) -> dict[str, str]:
    """Keys `udp` (ok, blocked) and, where it is ok, `nat`, `mapping`, `filtering`, `port-kept`, `hairpin`, `mapped`.

    Mapping is EIM, ADM or APDM and filtering EIF, ADF or APDF: endpoint-independent, or dependent on the other's
    address, or on its address and port (RFC 4787, sections 4.1 and 5).
    """
    where = [*addresses.SERVER_V4, str(PORT)]
    lab.start_daemon("server", "stun", "serve", *where)
    try:
        command = [sys.executable, str(DAEMONS / "stun.py"), "ask", *where]
        done = subprocess.run(
            [*system.inside(lab.namespace(host)), *command],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    finally:
        lab.stop_daemon("server", "stun")
    if done.returncode:
        raise Fail(f"probe: {done.stderr.strip()}")
    return dict(word.split("=", 1) for word in done.stdout.split())
