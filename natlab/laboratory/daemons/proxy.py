"""An unkind HTTP forward proxy, as companies have them.

usage: proxy.py PORT [MODE[+MODE]...]
  noconnect      refuses CONNECT              anyconnect   CONNECT to any port (443 only without it)
  buffer         holds each response's body until it has ended: server-sent events never arrive
  maxlife:S      cuts each response and tunnel after S seconds         idle:S   after S silent seconds
  auth:USER:PW   wants Basic authentication (407)
Always: a request's Upgrade is stripped, and a tunnel that begins with a plain HTTP request to upgrade (ws:) is
closed. What is inside a tunnel's TLS it does not see. Speaks HTTP/1.1, one request a connection.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

HEAD_SECONDS, CONNECT_SECONDS = 30, 10
FOREVER_SECONDS = 86_400.0
CHUNK_BYTES = MAX_HEAD_BYTES = 65_536
# Of one hop, not of the message (RFC 9110, section 7.6.1).
HOP_BY_HOP = {
    "connection",
    "proxy-connection",
    "keep-alive",
    "upgrade",
    "te",
    "proxy-authorization",
}


@dataclass(frozen=True)
class Head:
    """The first line and the headers of a message."""

    line: str
    headers: list[str]

    @staticmethod
    async def read(reader: StreamReader) -> Head:
        data = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        line, *headers = data.decode("latin-1").rstrip("\r\n").split("\r\n")
        return Head(line, headers)

    def header(self, name: str) -> str:
        return next(
            (header.partition(":")[2].strip() for header in self.headers if _name(header) == name), ""
        )

    def onward(self, line: str, *more: str) -> bytes:
        """The same for the next hop."""
        kept = [header for header in self.headers if _name(header) not in HOP_BY_HOP]
        return "\r\n".join([line, *kept, *more, "Connection: close", "", ""]).encode("latin-1")


class Proxy:
    def __init__(self, modes: str) -> None:
        words = [mode.partition(":") for mode in modes.split("+") if mode]
        self.modes = {name: value for name, _, value in words}
        unknown = self.modes.keys() - {"noconnect", "anyconnect", "buffer", "maxlife", "idle", "auth"}
        if unknown:
            sys.exit(f"unknown mode: {' '.join(unknown)}")
        self.max_life = float(self.modes.get("maxlife", FOREVER_SECONDS))
        self.idle = float(self.modes.get("idle", FOREVER_SECONDS))

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One client's connection, which brings one request."""
        try:
            head = await Head.read(reader)
            method, target, _ = head.line.split(" ", 2)
            log(method, target)
            if not self._known(head):
                challenge = 'Proxy-Authenticate: Basic realm="lab"'
                await refuse(writer, "407 Proxy Authentication Required", challenge)
            elif method == "CONNECT":
                await self._tunnel(target, reader, writer)
            else:
                await self._forward(head, reader, writer)
        except (OSError, ValueError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError) as error:
            log("failed", repr(error))
        finally:
            writer.close()

    def _known(self, head: Head) -> bool:
        if "auth" not in self.modes:
            return True
        expected = base64.b64encode(self.modes["auth"].encode()).decode()
        return head.header("proxy-authorization") == f"Basic {expected}"

    async def _tunnel(self, target: str, reader: StreamReader, writer: StreamWriter) -> None:
        host, _, port = target.rpartition(":")
        if "noconnect" in self.modes or (port != "443" and "anyconnect" not in self.modes):
            log("refused", target)
            await refuse(writer, "403 Forbidden")
            return
        server = await self._connect(host.strip("[]"), int(port), writer)
        if not server:
            return
        server_reader, server_writer = server
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        both = asyncio.gather(
            self._pump(reader, server_writer, is_no_upgrade), self._pump(server_reader, writer)
        )
        await self._within_life(both, target)
        server_writer.close()

    async def _forward(self, head: Head, reader: StreamReader, writer: StreamWriter) -> None:
        method, target, _ = head.line.split(" ", 2)
        url = urlsplit(target)
        server = await self._connect(url.hostname or "", url.port or 80, writer)
        if not server:
            return
        server_reader, server_writer = server
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        server_writer.write(head.onward(f"{method} {path} HTTP/1.1", "Via: 1.1 natlab"))
        # The request's body; and when the client goes, the server is told.
        body = asyncio.ensure_future(self._pump(reader, server_writer))
        try:
            await self._within_life(self._respond(server_reader, writer), target)
        finally:
            body.cancel()
            server_writer.close()

    async def _respond(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = await Head.read(reader)
        writer.write(head.onward(head.line))
        if "buffer" in self.modes:
            writer.write(await reader.read())
            await writer.drain()
        else:
            await self._pump(reader, writer)

    async def _connect(
        self, host: str, port: int, writer: StreamWriter
    ) -> tuple[StreamReader, StreamWriter] | None:
        try:
            return await asyncio.wait_for(asyncio.open_connection(host, port), CONNECT_SECONDS)
        except (OSError, asyncio.TimeoutError) as error:
            log("unreachable", f"{host}:{port}", repr(error))
            await refuse(writer, "502 Bad Gateway")
            return None

    async def _within_life(self, work: Awaitable[object], target: str) -> None:
        try:
            await asyncio.wait_for(work, self.max_life)
        except asyncio.TimeoutError:
            log("cut", target)

    async def _pump(
        self, reader: StreamReader, writer: StreamWriter, allowed: Callable[[bytes], bool] | None = None
    ) -> None:
        """Bytes from one side to the other, if the first of them are allowed, until either ends or is idle."""
        try:
            while data := await asyncio.wait_for(reader.read(CHUNK_BYTES), self.idle):
                if allowed and not allowed(data):
                    break
                allowed = None
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.TimeoutError):
            pass  # either side has gone
        finally:
            writer.close()


def is_no_upgrade(data: bytes) -> bool:
    upgrades = data[:4] in (b"GET ", b"POST") and b"\r\nupgrade:" in data.lower()
    if upgrades:
        log("closed a tunnel that begins with an upgrade")
    return not upgrades


async def refuse(writer: StreamWriter, status: str, *headers: str) -> None:
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers, "", ""]
    writer.write("\r\n".join(lines).encode())
    await writer.drain()


def log(*what: object) -> None:
    print(f"{time.time():.3f}", *what, file=sys.stderr, flush=True)


def _name(header: str) -> str:
    return header.partition(":")[0].strip().lower()


async def main(port: int, modes: str) -> None:
    proxy = Proxy(modes)
    server = await asyncio.start_server(proxy.serve, None, port, limit=MAX_HEAD_BYTES)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
