"""What a user may say, and what natlab understands."""

import unittest

from laboratory.fail import Fail
from laboratory.plan import Plan
from laboratory.topology import Impairment, Segment, Topology


class TopologyTest(unittest.TestCase):
    def test_both_homes_are_there_unless_said_otherwise(self) -> None:
        topology = Topology.parse(["bob=sym"])
        self.assertEqual(topology.segments["alice"], Segment("port"))
        self.assertEqual(topology.segments["bob"], Segment("sym"))

    def test_reads_every_option(self) -> None:
        segment = Segment.parse(
            "port,proxy=buffer+maxlife:3,reject,dual,mapping=30,delay=50,jitter=5,loss=2,rate=5mbit"
        )
        expected = Segment(
            "port", "proxy", True, "dual", 30, "buffer+maxlife:3", Impairment(50, 5, 2, "5mbit")
        )
        self.assertEqual(segment, expected)

    def test_refuses_what_it_does_not_understand(self) -> None:
        for word in (
            "carol=port",
            "alice",
            "alice=",
            "alice=nat",
            "alice=port,nodns",
            "alice=port,mapping=0",
            "alice=port,delay=-1",
            "alice=port,delay=x",
            "alice=port,loss=101",
            "alice=port,rate=5; reboot",
            "alice=lan",
            "cgn=lan",
        ):
            with self.subTest(word), self.assertRaises(Fail):
                Topology.parse([word])

    def test_the_plan_has_a_router_for_each_nat(self) -> None:
        plan = Plan(Topology.parse(["alice=double", "bob=port", "bob.mobile=sym", "cgn=full"]))
        hosts = {"inet", "server", "isp", "alice", "alicegw", "alicegw2", "bob", "bobgw", "bobmobgw"}
        self.assertEqual(set(plan.hosts), hosts)

    def test_on_one_lan_there_is_one_router(self) -> None:
        plan = Plan(Topology.parse(["bob=lan"]))
        self.assertEqual(set(plan.hosts), {"inet", "server", "alice", "alicegw", "bob"})
