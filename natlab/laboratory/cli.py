"""natlab: NATs, firewalls and bad lines in network namespaces of one Linux machine.

  natlab up [-n NAME] [--hold] [SEGMENT=KIND[,OPTION]...]... [cgn=port|sym|full]
  natlab exec [-n NAME] HOST COMMAND...      HOST: alice bob server, or a router: alicegw bobgw inet isp ...
  natlab cut [-n NAME] HOST [up|down]        silence the line, or one direction (up: from HOST); nobody is told
  natlab heal [-n NAME] HOST                 end a cut
  natlab unplug|plug [-n NAME] HOST          take HOST's line away, and give it back; HOST notices
  natlab roam [-n NAME] HOST wifi|mobile     HOST's addresses change in mid-stream
  natlab rebind [-n NAME] HOST               HOST's router forgets all mappings and has a new public address
  natlab impair [-n NAME] HOST [delay=MS] [jitter=MS] [loss=PERCENT] [rate=5mbit]     nothing: a good line again
  natlab freeze|thaw [-n NAME] HOST          stop all processes on HOST, and let them go on
  natlab probe [-n NAME] HOST                what kind of NAT HOST is behind
  natlab down [-n NAME] | list | gc          gc removes what has outlived its holder
  natlab able [delay]                        says why not, and exits with 3, if this machine cannot

SEGMENT  alice | bob | alice.mobile | bob.mobile (alice=port bob=port unless said otherwise)
KIND     none  a public address        full    mapping and filtering endpoint-independent, hairpin (RFC 4787)
         addr  filters by address      port    filters by address and port, as most homes do
         sym   maps by destination     double  port behind port         lan  (bob) on alice's network
OPTION   noudp | web (only TCP 80 and 443 out) | proxy[=MODE[+MODE]...] (only HTTP by the proxy ROUTER:3128) | reject
         v4 | v6 | dual | mapping=SECONDS (of UDP) | delay= jitter= loss= rate= as in impair
MODE     noconnect | anyconnect | buffer | maxlife:SECONDS | idle:SECONDS | auth:USER:PASSWORD
cgn=K    both homes are behind one carrier's NAT of kind K

NAME is NATLAB, or lab, unless given. With --hold, natlab prints "ready", obeys the verbs as lines on its standard input
(each answered by "ok" or "error ..."), and takes everything down when that ends. All of it needs root (or see
natlab-rootless), iproute2 and nft; delay and jitter need iptables. Nothing is made in the caller's own network.
Exit codes: 0 done, 1 failed, 2 bad usage, 3 not possible on this machine."""

from __future__ import annotations

import inspect
import os
import shlex
import signal
import sys
import time

from . import probe, system
from .able import why_not
from .events import VERBS
from .fail import Fail
from .lab import Lab, collect, laboratories


class Usage(Fail):
    """What was typed is no command."""


def main(words: list[str]) -> int:
    """Obey one command line; the exit code."""
    try:
        return _obey(words)
    except Usage as error:
        print(f"natlab: {error} (see natlab --help)", file=sys.stderr)
        return 2
    except Fail as error:
        print(f"natlab: {error}", file=sys.stderr)
        return 1


def _obey(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    verb, *rest = words
    name = os.environ.get("NATLAB", "lab")
    if rest[:1] == ["-n"]:
        if len(rest) < 2:
            raise Usage("-n: a name is missing")
        name, rest = rest[1], rest[2:]
    lab = Lab(name)
    match verb:
        case "up":
            _up(lab, rest)
        case "down":
            lab.down()
        case "exec":
            if len(rest) < 2:
                raise Usage("exec: a host and a command")
            lab.state()
            os.execvp("ip", [*system.inside(lab.namespace(rest[0])), *rest[1:]])
        case "probe":
            _probe(lab, rest)
        case "list":
            for each in laboratories():
                print(each.name, *each.state()["topology"])
        case "gc":
            for gone in collect():
                print("removed", gone)
        case "able":
            reason = why_not(rest)
            print(reason or "ok")
            return 3 if reason else 0
        case _:
            act(lab, [verb, *rest])
    return 0


def act(lab: Lab, words: list[str]) -> None:
    """Obey a verb that changes something in a laboratory that is up."""
    verb, *rest = words or [""]
    if verb not in VERBS:
        raise Usage(f"unknown command {verb!r}")
    try:
        inspect.signature(VERBS[verb]).bind(lab, *rest)
    except TypeError as error:
        raise Usage(f"{verb}: {error}") from None
    VERBS[verb](lab, *rest)


def _up(lab: Lab, words: list[str]) -> None:
    hold = "--hold" in words
    for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(each, _leave)
    collect()
    begun = time.monotonic()
    lab.up([word for word in words if word != "--hold"], owner=os.getpid() if hold else None)
    print(f"ready {lab.name} {round((time.monotonic() - begun) * 1000)} ms", flush=True)
    if hold:
        _hold(lab)


def _hold(lab: Lab) -> None:
    """Obey lines until there are no more: the end of input is the end of whoever holds the other end."""
    try:
        for line in sys.stdin:
            try:
                act(lab, shlex.split(line))
                print("ok", flush=True)
            except (Fail, ValueError) as error:
                print("error", str(error).splitlines()[0], flush=True)
    except BrokenPipeError:
        pass
    finally:
        for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        lab.down()


def _leave(number: int, _frame: object) -> None:
    """An end that leaves nothing behind, in the middle of building too."""
    sys.exit(128 + number)


def _probe(lab: Lab, words: list[str]) -> None:
    if len(words) != 1:
        raise Usage("probe: a host")
    lab.state()
    print(*(f"{key}={value}" for key, value in probe.classify(lab, words[0]).items()))
