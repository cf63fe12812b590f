"""The forward proxy is as unkind as it was told to be."""

import socket
import subprocess
import sys
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from laboratory.lab import DAEMONS

from . import rig

EVENTS = [b"data: 0\n\n", b"data: 1\n\n"]


class Handler(BaseHTTPRequestHandler):
    """A server that tells a request's Upgrade, and streams two events, the second when the test allows it."""

    protocol_version = "HTTP/1.1"
    second = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Seen-Upgrade", self.headers.get("Upgrade", "none"))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(EVENTS[0])
        self.wfile.flush()
        self.second.wait(20)
        self.wfile.write(EVENTS[1])

    def log_message(self, *_: object) -> None:
        pass


class ProxyTest(unittest.TestCase):
    def setUp(self) -> None:
        Handler.second = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.target = f"127.0.0.1:{self.server.server_port}"
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(lambda: Handler.second.set())

    def proxy(self, modes: str = "") -> tuple[str, int]:
        """Its address; on a free port that is given up just before."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, DAEMONS / "proxy.py", str(port), modes],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.addCleanup(rig.end, process)
        assert process.stdout
        self.assertEqual(process.stdout.readline(), "ready\n")
        return "127.0.0.1", port

    def ask(self, proxy: tuple[str, int], request: str) -> socket.socket:
        client = socket.create_connection(proxy, 20)
        self.addCleanup(client.close)
        client.sendall(request.replace("\n", "\r\n").encode())
        return client

    def get(self, proxy: tuple[str, int], *headers: str) -> socket.socket:
        lines = [f"GET http://{self.target}/ HTTP/1.1", f"Host: {self.target}", *headers, "", ""]
        return self.ask(proxy, "\n".join(lines))

    def test_an_upgrade_is_stripped_and_a_stream_passes_as_it_comes(self) -> None:
        client = self.get(self.proxy(), "Connection: Upgrade", "Upgrade: websocket")
        head = until(client, EVENTS[0])
        self.assertIn(b"Seen-Upgrade: none", head)
        Handler.second.set()
        self.assertTrue(until(client, None).endswith(EVENTS[1]))

    def test_a_buffering_one_holds_the_body_until_it_has_ended(self) -> None:
        client = self.get(self.proxy("buffer"))
        head = until(client, b"\r\n\r\n")
        self.assertNotIn(EVENTS[0], head)
        client.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            client.recv(100)
        client.settimeout(20)
        Handler.second.set()
        self.assertEqual(until(client, None), b"".join(EVENTS))

    def test_a_response_is_cut_at_the_end_of_its_life(self) -> None:
        begun = time.monotonic()
        client = self.get(self.proxy("maxlife:0.5"))
        self.assertTrue(until(client, None).endswith(EVENTS[0]))
        self.assertGreaterEqual(time.monotonic() - begun, 0.5)

    def test_a_tunnel_leads_to_443_alone_unless_any_port_is_allowed(self) -> None:
        connect = f"CONNECT {self.target} HTTP/1.1\n\n"
        self.assertIn(b" 403 ", until(self.ask(self.proxy(), connect), None))
        self.assertIn(b" 403 ", until(self.ask(self.proxy("noconnect"), connect), None))
        tunnel = self.ask(self.proxy("anyconnect"), connect)
        self.assertIn(b" 200 ", until(tunnel, b"\r\n\r\n"))
        Handler.second.set()
        tunnel.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(until(tunnel, None).endswith(EVENTS[1]))

    def test_a_tunnel_that_begins_with_an_upgrade_is_closed(self) -> None:
        tunnel = self.ask(self.proxy("anyconnect"), f"CONNECT {self.target} HTTP/1.1\n\n")
        until(tunnel, b"\r\n\r\n")
        tunnel.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n")
        self.assertEqual(until(tunnel, None), b"")

    def test_who_has_no_password_is_asked_for_it(self) -> None:
        proxy = self.proxy("auth:ada:secret")
        self.assertIn(b" 407 ", until(self.get(proxy), None))
        Handler.second.set()
        allowed = self.get(proxy, "Proxy-Authorization: Basic YWRhOnNlY3JldA==")
        self.assertIn(b" 200 ", until(allowed, None))


def until(client: socket.socket, what: bytes | None) -> bytes:
    """What came, up to and with `what`; or all."""
    data = b""
    while not (what and what in data):
        try:
            more = client.recv(4096)
        except ConnectionResetError:
            more = b""
        if not more:
            break
        data += more
    return data
