"""Delays packets of this namespace: the kernel holds each in queue 0 (NFQUEUE) and is told later to let it go.

usage: delay.py DELAY_MS JITTER_MS     serves until killed
"""

from __future__ import annotations

import collections
import heapq
import random
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator

# linux/netlink.h, linux/netfilter/nfnetlink_queue.h
NETLINK_NETFILTER, SOL_NETLINK, NETLINK_NO_ENOBUFS = 12, 270, 5
SO_RCVBUFFORCE = 33
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NFNL_SUBSYS_QUEUE = 3 << 8
NFQNL_MSG_PACKET, NFQNL_MSG_VERDICT, NFQNL_MSG_CONFIG = 0, 1, 2
NFQA_PACKET_HDR, NFQA_VERDICT_HDR, NFQA_IFINDEX_INDEV = 1, 2, 5
NFQA_CFG_CMD, NFQA_CFG_PARAMS, NFQA_CFG_QUEUE_MAXLEN, NFQA_CFG_MASK, NFQA_CFG_FLAGS = 1, 2, 3, 4, 5
NFQNL_CFG_CMD_BIND, NFQNL_COPY_META, NFQA_CFG_F_GSO = 1, 1, 4
NF_ACCEPT = 1
MAX_QUEUED_PACKETS = 50_000
RECEIVE_BUFFER_BYTES = 8 << 20


def attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


class Queue:
    """Queue 0 of this namespace."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
        except PermissionError:  # in a namespace of an ordinary user
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        # Too much is dropped, and ends nothing.
        self.socket.setsockopt(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
        self.socket.bind((0, 0))
        self._configure(attribute(NFQA_CFG_CMD, struct.pack("!BBH", NFQNL_CFG_CMD_BIND, 0, 0)))
        self._configure(attribute(NFQA_CFG_PARAMS, struct.pack("!IB", 0, NFQNL_COPY_META)))
        self._configure(attribute(NFQA_CFG_QUEUE_MAXLEN, struct.pack("!I", MAX_QUEUED_PACKETS)))
        # Not to be cut into segments for our sake.
        gso = struct.pack("!I", NFQA_CFG_F_GSO)
        self._configure(attribute(NFQA_CFG_MASK, gso) + attribute(NFQA_CFG_FLAGS, gso))
        self.socket.setblocking(False)

    def packets(self) -> Iterator[tuple[bytes, int]]:
        """What has come meanwhile: a packet's id, and the index of the interface that it came in by."""
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            at = 0
            while at + 16 <= len(data):
                size, kind = struct.unpack_from("=IH", data, at)
                if kind == NFNL_SUBSYS_QUEUE | NFQNL_MSG_PACKET:
                    yield parse(data[at + 20 : at + size])
                at += max(16, (size + 3) & ~3)

    def accept(self, packet: bytes) -> None:
        verdict = struct.pack("!I", NF_ACCEPT) + packet
        self._send(NFQNL_MSG_VERDICT, NLM_F_REQUEST, attribute(NFQA_VERDICT_HDR, verdict))

    def _configure(self, attributes: bytes) -> None:
        self._send(NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK, attributes)
        error = struct.unpack_from("=i", self.socket.recv(4096), 16)[0]
        if error:
            sys.exit(f"nfqueue: errno {-error}")

    def _send(self, message: int, flags: int, attributes: bytes) -> None:
        body = struct.pack("!BBH", 0, 0, 0) + attributes  # nfgenmsg
        head = struct.pack("=IHHII", 16 + len(body), NFNL_SUBSYS_QUEUE | message, flags, 0, 0)
        self.socket.send(head + body)


def parse(attributes: bytes) -> tuple[bytes, int]:
    packet, device, at = b"", 0, 0
    while at + 4 <= len(attributes):
        size, kind = struct.unpack_from("=HH", attributes, at)
        if kind == NFQA_PACKET_HDR:
            packet = attributes[at + 4 : at + 8]
        elif kind == NFQA_IFINDEX_INDEV:
            device = struct.unpack_from("!I", attributes, at + 4)[0]
        at += max(4, (size + 3) & ~3)
    return packet, device


def serve(delay: float, jitter: float) -> None:
    """Times in seconds. Jitter keeps the order of what comes by one interface."""
    queue = Queue()
    print("ready", flush=True)
    waiting: list[tuple[float, bytes]] = []
    last: dict[int, float] = collections.defaultdict(float)
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        if select.select([queue.socket], [], [], timeout)[0]:
            for packet, device in queue.packets():
                late = delay + (random.uniform(-jitter, jitter) if jitter else 0)
                last[device] = max(last[device], time.monotonic() + late)
                heapq.heappush(waiting, (last[device], packet))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            queue.accept(heapq.heappop(waiting)[1])


if __name__ == "__main__":
    serve(float(sys.argv[1]) / 1000, float(sys.argv[2]) / 1000)
