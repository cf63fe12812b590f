"""STUN for the classification of NATs: a server on two addresses and two ports, and the client's questions.

stun.py serve ADDRESS1 ADDRESS2 PORT     answers Binding requests, with CHANGE-REQUEST (RFC 5780)
stun.py ask ADDRESS1 ADDRESS2 PORT       prints one line of key=value
"""

from __future__ import annotations

import os
import select
import socket
import struct
import sys
import time

MAGIC_COOKIE, BINDING, BINDING_SUCCESS = 0x2112A442, 0x0001, 0x0101
CHANGE_REQUEST, XOR_MAPPED_ADDRESS = 0x0003, 0x0020
CHANGE_IP, CHANGE_PORT = 4, 2
TRIES = 3
# Longer than any answer takes in a laboratory on a busy machine.
WAIT_SECONDS = 0.5

Address = tuple[str, int]


def attributes(message: bytes) -> dict[int, bytes]:
    found, at = {}, 20
    while at + 4 <= len(message):
        kind, size = struct.unpack_from("!HH", message, at)
        found[kind] = message[at + 4 : at + 4 + size]
        at += 4 + ((size + 3) & ~3)
    return found


def serve(one: str, other: str, port: int) -> None:
    sockets: dict[Address, socket.socket] = {}
    for address in (one, other):
        for number in (port, port + 1):
            sockets[address, number] = udp((address, number))
    places = {each: place for place, each in sockets.items()}
    print("ready", flush=True)
    while True:
        for ready in select.select(list(places), [], [])[0]:
            data, source = ready.recvfrom(2048)
            if len(data) < 20 or struct.unpack_from("!HHI", data)[::2] != (BINDING, MAGIC_COOKIE):
                continue
            flags = int.from_bytes(attributes(data).get(CHANGE_REQUEST, b"\0"), "big")
            address, number = places[ready]
            if flags & CHANGE_IP:
                address = other if address == one else one
            if flags & CHANGE_PORT:
                number = 2 * port + 1 - number
            sockets[address, number].sendto(success(data[8:20], source), source)


def success(transaction: bytes, mapped: Address) -> bytes:
    host = struct.unpack("!I", socket.inet_aton(mapped[0]))[0] ^ MAGIC_COOKIE
    port = mapped[1] ^ (MAGIC_COOKIE >> 16)
    body = struct.pack("!HHBBHI", XOR_MAPPED_ADDRESS, 8, 0, 1, port, host)
    return struct.pack("!HHI", BINDING_SUCCESS, len(body), MAGIC_COOKIE) + transaction + body


def ask(asking: socket.socket, to: Address, flags: int = 0) -> Address | None:
    """The mapped address, or None where no answer comes back."""
    transaction = os.urandom(12)
    body = struct.pack("!HHI", CHANGE_REQUEST, 4, flags) if flags else b""
    request = struct.pack("!HHI", BINDING, len(body), MAGIC_COOKIE) + transaction + body
    for _ in range(TRIES):
        try:
            asking.sendto(request, to)
        except OSError:
            return None  # the firewall told us
        end = time.monotonic() + WAIT_SECONDS
        while select.select([asking], [], [], max(0, end - time.monotonic()))[0]:
            try:
                data = asking.recv(2048)
            except OSError:
                continue  # an ICMP error, of an earlier one
            if data[8:20] == transaction and (value := attributes(data).get(XOR_MAPPED_ADDRESS)):
                port, host = struct.unpack_from("!HI", value, 2)
                address = socket.inet_ntoa(struct.pack("!I", host ^ MAGIC_COOKIE))
                return address, port ^ (MAGIC_COOKIE >> 16)
    return None


def udp(at: Address = ("0.0.0.0", 0)) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(at)
    return made


def classify(one: str, other: str, port: int) -> dict[str, str]:
    asking = udp()
    mapped = ask(asking, (one, port))
    if not mapped:
        return {"udp": "blocked"}
    filtering = filtering_of((one, port))
    second, third = ask(asking, (other, port)), ask(asking, (other, port + 1))
    mapping = "EIM" if mapped == second == third else "ADM" if second == third else "APDM"
    with udp() as direct:
        direct.connect((one, port))
        nat = direct.getsockname()[0] != mapped[0]
    return {
        "udp": "ok",
        "nat": "yes" if nat else "no",
        "mapping": mapping,
        "filtering": filtering,
        "port-kept": "yes" if asking.getsockname()[1] == mapped[1] else "no",
        "hairpin": ("yes" if hairpins(asking, mapped, (one, port)) else "no") if nat else "-",
        "mapped": f"{mapped[0]}:{mapped[1]}",
    }


def filtering_of(server: Address) -> str:
    """On a socket of its own, which has spoken to one address and port only."""
    with udp() as fresh:
        ask(fresh, server)
        if ask(fresh, server, CHANGE_IP | CHANGE_PORT):
            return "EIF"
        return "ADF" if ask(fresh, server, CHANGE_PORT) else "APDF"


def hairpins(asking: socket.socket, mapped: Address, server: Address) -> bool:
    """Whether a second socket behind the same NAT reaches the first one by its public address."""
    with udp() as second:
        ask(second, server)
        for _ in range(TRIES):
            second.sendto(b"hairpin", mapped)
            end = time.monotonic() + WAIT_SECONDS
            while select.select([asking], [], [], max(0, end - time.monotonic()))[0]:
                if asking.recv(2048) == b"hairpin":
                    return True
    return False


def main(what: str, one: str, other: str, port: str) -> None:
    if what == "serve":
        serve(one, other, int(port))
    else:
        print(*(f"{key}={value}" for key, value in classify(one, other, int(port)).items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
