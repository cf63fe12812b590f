"""Datagrams there and back, to see what a line does to them.

echo.py serve            answers on the server's port 7; prints "ready"
echo.py ask COUNT PAUSE  sends numbered datagrams; prints JSON: {"answered": how many, "millis": [round trips]}
echo.py heard            how many of all asked datagrams came to the server
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time

SERVER = ("45.0.0.10", 7)
HEARD = b"heard"
# For the last answers; far above any delay in these tests.
WAIT_SECONDS = 1.2


def serve() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(SERVER)
        print("ready", flush=True)
        heard = 0
        while True:
            data, source = server.recvfrom(2048)
            if data == HEARD:
                data = str(heard).encode()
            else:
                heard += 1
            server.sendto(data, source)


def ask(count: int, pause: float) -> dict[str, object]:
    sent: dict[int, float] = {}
    trips: list[float] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(SERVER)
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end and len(trips) < count:
            now = time.monotonic()
            if len(sent) < count and now >= end - WAIT_SECONDS:
                sent[len(sent)] = now
                send(client, struct.pack("!I", len(sent) - 1))
                end = now + (pause if len(sent) < count else 0) + WAIT_SECONDS
            due = end - WAIT_SECONDS if len(sent) < count else end
            if select.select([client], [], [], max(0, due - time.monotonic()))[0]:
                try:
                    number = struct.unpack("!I", client.recv(2048))[0]
                except OSError:
                    continue  # unreachable, says a router
                trips.append((time.monotonic() - sent[number]) * 1000)
    return {"answered": len(trips), "millis": trips}


def send(client: socket.socket, data: bytes) -> None:
    try:
        client.send(data)
    except OSError:
        pass  # no network just now


def heard() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(SERVER)
        client.settimeout(WAIT_SECONDS)
        client.send(HEARD)
        return int(client.recv(2048))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    elif sys.argv[1] == "ask":
        print(json.dumps(ask(int(sys.argv[2]), float(sys.argv[3]))))
    else:
        print(heard())
