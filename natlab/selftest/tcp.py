"""How fast TCP goes: `tcp.py serve` on the server, `tcp.py send BYTES` anywhere prints Mbit/s."""

from __future__ import annotations

import socket
import sys
import time

SERVER = ("45.0.0.10", 9)


def serve() -> None:
    with socket.create_server(SERVER) as server:
        print("ready", flush=True)
        while True:
            client, _ = server.accept()
            with client:
                while client.recv(1 << 20):
                    pass
                client.send(b"x")


def send(count: int) -> float:
    begun = time.monotonic()
    with socket.create_connection(SERVER, 10) as client:
        client.sendall(b"x" * count)
        client.shutdown(socket.SHUT_WR)
        client.recv(1)
    return count * 8 / (time.monotonic() - begun) / 1e6


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        print(send(int(sys.argv[2])))
