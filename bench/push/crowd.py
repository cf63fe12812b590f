#!/usr/bin/env python3
"""How a server bears that a crowd leaves at once: 6,000 connections of one process that closes them all.

    crowd.py --port 18181 --pid PID [--count 6000] [--rounds 3] [KIND ...]

KIND: topic-ws, topic-sse, topic-poll (long polls that wait), session-ws, idle (HTTP connections between two requests); all by default.
A line each round: seconds until the server has closed the last (its open files), the longest that /healthz took meanwhile, and the
server's CPU. Counts nothing itself; at most some 19,000 where a process may have 20,000 files.
"""

import argparse
import os
import re
import socket
import time
import urllib.request

UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
REQUESTS = {
    "topic-ws": "GET /v1/topics/crowd HTTP/1.1\r\n{host}" + UPGRADE,
    "topic-sse": "GET /v1/topics/crowd HTTP/1.1\r\n{host}Accept: text/event-stream\r\n",
    "topic-poll": "GET /v1/topics/crowd?after=now&wait=30 HTTP/1.1\r\n{host}",
    "session-ws": "GET /crowd HTTP/1.1\r\n{host}Sec-WebSocket-Protocol: peerline.1\r\n" + UPGRADE,
    "idle": "GET /healthz HTTP/1.1\r\n{host}",
}
A_BATCH = 200
PATIENCE_SECONDS = 60
# Connections to ask by, and what the server opens by itself.
STRAY_FILES = 5


def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_ms(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = re.sub(r".*\)", "", stat.read()).split()
    return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")


def open_all(port, kind, count):
    request = REQUESTS[kind].format(host=f"Host: 127.0.0.1:{port}\r\n") + "\r\n"
    sockets = []
    for i in range(count):
        sockets.append(socket.create_connection(("127.0.0.1", port)))
        sockets[-1].sendall(request.encode("ascii"))
        if i % A_BATCH == A_BATCH - 1:
            time.sleep(0.05)
    time.sleep(2)
    return sockets


def leave(port, pid, kind, count):
    before = files(pid)
    sockets = open_all(port, kind, count)
    cpu, start, longest = cpu_ms(pid), time.monotonic(), 0
    for one in sockets:
        one.close()
    while files(pid) > before + STRAY_FILES:
        asked = time.monotonic()
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE_SECONDS).close()
        longest = max(longest, time.monotonic() - asked)
        if time.monotonic() - start > PATIENCE_SECONDS:
            raise SystemExit(f"{kind}: {files(pid) - before} are open still")
    took = time.monotonic() - start
    print(f"{kind:10} closed after {took:.2f} s, /healthz at most {longest:.2f} s, CPU {cpu_ms(pid) - cpu} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=18181)
    parser.add_argument("--pid", type=int, required=True, help="of the server")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(REQUESTS))
    options = parser.parse_args()
    unknown = set(options.kinds) - set(REQUESTS)
    if unknown:
        parser.error(f"no kind: {', '.join(unknown)}")
    for _ in range(options.rounds):
        for kind in options.kinds or REQUESTS:
            leave(options.port, options.pid, kind, options.count)


if __name__ == "__main__":
    main()
