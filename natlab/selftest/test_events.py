"""Does each event do what it says, to the packets of whoever is behind it?"""

import statistics
import subprocess
import sys

from laboratory import events, probe, system
from laboratory.fail import Fail
from laboratory.lab import Lab

from . import rig


def setUpModule() -> None:
    rig.skip_unless_able("delay")


class EventsTest(rig.LabTestCase):
    def test_a_cut_silences_both_directions_until_it_is_healed(self) -> None:
        lab = self.lab()
        self.serve(lab)
        self.assertEqual(len(self.trips(lab)), 5)
        events.cut(lab, "alice")
        self.assertEqual(self.trips(lab), [])
        self.assertEqual(self.heard(lab), 5)
        self.assertEqual(len(self.trips(lab, "bob")), 5)
        events.heal(lab, "alice")
        self.assertEqual(len(self.trips(lab)), 5)

    def test_a_cut_of_one_direction_leaves_the_other(self) -> None:
        lab = self.lab()
        self.serve(lab)
        events.cut(lab, "alice", "up")
        self.assertEqual(self.trips(lab), [])
        self.assertEqual(self.heard(lab), 0)
        events.cut(lab, "alice", "down")
        self.assertEqual(self.trips(lab), [])
        self.assertEqual(self.heard(lab), 5)
        with self.assertRaises(Fail):
            events.cut(lab, "alice", "sideways")

    def test_an_unplugged_line_has_no_carrier(self) -> None:
        lab = self.lab("alice=port,dual")
        self.serve(lab)
        events.unplug(lab, "alice")
        self.assertIn("NO-CARRIER", self.run_in(lab, "alice", "ip", "link", "show", "eth0"))
        self.assertEqual(self.trips(lab), [])
        events.plug(lab, "alice")
        self.assertNotIn("NO-CARRIER", self.run_in(lab, "alice", "ip", "link", "show", "eth0"))
        self.assertEqual(len(self.trips(lab)), 5)

    def test_who_roams_has_another_address_and_another_nat(self) -> None:
        lab = self.lab("alice=port", "alice.mobile=sym")
        home = probe.classify(lab, "alice")
        events.roam(lab, "alice", "mobile")
        away = probe.classify(lab, "alice")
        self.assertEqual(self.addresses(lab, "alice"), ["10.64.3.10"])
        events.roam(lab, "alice", "wifi")
        self.assertEqual(self.addresses(lab, "alice"), ["192.168.1.10"])
        self.assertEqual((home["mapping"], away["mapping"]), ("EIM", "APDM"))
        self.assertTrue(away["mapped"].startswith("45.0.3.2:"), away)
        with self.assertRaisesRegex(Fail, "has no bob.mobile"):
            events.roam(lab, "bob", "mobile")

    def addresses(self, lab: Lab, host: str) -> list[str]:
        listed = self.run_in(lab, host, "ip", "-o", "-4", "addr", "show", "scope", "global")
        return [line.split()[3].partition("/")[0] for line in listed.splitlines()]

    def test_a_rebound_router_has_another_address_and_forgets_its_mappings(self) -> None:
        lab = self.lab("alice=full")
        self.assertTrue(probe.classify(lab, "alice")["mapped"].startswith("45.0.1.2:"))
        self.serve(lab)
        # Flows go on through all of it.
        self.start(lab, "alice", sys.executable, str(rig.HERE / "echo.py"), "ask", "100000", "0.001")
        while self.heard(lab) < 100:
            pass
        events.rebind(lab, "alice")
        router = lab.namespace("alicegw")
        self.assertNotIn("45.0.1.2", system.shell("nft list ruleset", router))
        again = probe.classify(lab, "alice")
        self.assertTrue(again["mapped"].startswith("45.0.1.3:"), again)
        self.assertEqual((again["mapping"], again["filtering"]), ("EIM", "EIF"))

    def test_delay_is_added_in_both_directions(self) -> None:
        lab = self.lab()
        self.serve(lab)
        events.impair(lab, "alice", "delay=50")
        trips = self.trips(lab, count=20)
        self.assertEqual(len(trips), 20)
        self.assertGreaterEqual(min(trips), 100)
        events.impair(lab, "alice", "delay=50", "jitter=40")
        self.assertGreater(statistics.pstdev(self.trips(lab, count=40)), 8)
        events.impair(lab, "alice")
        # One that is not delayed is enough to show it, however busy the machine is.
        self.assertLess(min(self.trips(lab, count=20)), 50)

    def test_loss_takes_its_share(self) -> None:
        lab = self.lab()
        self.serve(lab)
        events.impair(lab, "alice", "loss=20")
        answered = len(self.trips(lab, count=500, pause=0.002))
        # 0.8 of them each way: 320, with a standard deviation of 10.7; seven of those to either side.
        self.assertTrue(245 <= answered <= 395, answered)

    def test_rate_is_a_limit(self) -> None:
        lab = self.lab()
        self.serve(lab, rig.HERE / "tcp.py")
        send = (sys.executable, str(rig.HERE / "tcp.py"), "send")
        events.impair(lab, "alice", "rate=4mbit")
        slow = float(self.run_in(lab, "alice", *send, "500000"))
        self.assertLess(slow, 4.2)
        events.impair(lab, "alice")
        self.assertGreater(float(self.run_in(lab, "alice", *send, "5000000")), slow)

    def test_a_frozen_host_stands_still_and_goes_on_when_it_thaws(self) -> None:
        lab = self.lab()
        program = "for line in __import__('sys').stdin: print(line, end='', flush=True)"
        process = subprocess.Popen(
            [*system.inside(lab.namespace("alice")), sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(rig.end, process)
        assert process.stdin and process.stdout
        process.stdin.write("one\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "one\n")
        events.freeze(lab, "alice")
        states = {system.status(pid) for pid in system.processes(lab.namespace("alice"))}
        self.assertEqual(states, {"T"})
        process.stdin.write("two\n")
        process.stdin.flush()
        events.thaw(lab, "alice")
        self.assertEqual(process.stdout.readline(), "two\n")
