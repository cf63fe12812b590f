"""Is each kind of NAT what RFC 4787 means by it? Seen from behind it."""

import unittest
from concurrent.futures import ThreadPoolExecutor

from laboratory import probe
from laboratory.lab import Lab

from . import rig

BLOCKED = {"udp": "blocked"}
# Topology: nat, mapping, filtering, port kept, hairpin.
EXPECTED = {
    "alice=none": "no EIM EIF yes -",
    "alice=full": "yes EIM EIF yes yes",
    "alice=addr": "yes EIM ADF yes no",
    "alice=port": "yes EIM APDF yes no",
    "alice=sym": "yes APDM APDF no no",
    "alice=double": "yes EIM APDF yes no",
    "alice=port cgn=port": "yes EIM APDF yes no",
    "alice=port cgn=full": "yes EIM APDF yes no",
    "alice=full cgn=full": "yes EIM EIF yes yes",
    "alice=port cgn=sym": "yes APDM APDF no no",
    "alice=port bob=lan": "yes EIM APDF yes no",
    "alice=sym,delay=50": "yes APDM APDF no no",
    "alice=port,noudp": "",
    "alice=port,noudp,reject": "",
    "alice=port,web": "",
    "alice=port,proxy": "",
}
AT_ONCE = 8


def setUpModule() -> None:
    rig.skip_unless_able("delay")


def seen(words: str) -> str:
    lab = Lab(rig.new_name())
    try:
        lab.up(words.split())
        found = probe.classify(lab, "bob" if "bob=lan" in words else "alice")
    finally:
        lab.down()
    keys = ("nat", "mapping", "filtering", "port-kept", "hairpin")
    return " ".join(found[key] for key in keys) if found != BLOCKED else ""


class KindsTest(unittest.TestCase):
    maxDiff = None

    def test_every_kind_is_what_it_says(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = dict(zip(EXPECTED, pool.map(seen, EXPECTED), strict=True))
        self.assertEqual(found, EXPECTED)
