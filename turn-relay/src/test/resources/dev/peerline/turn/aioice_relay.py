"""Sends through our relay with aioice's TURN client and gets it back: aioice_relay.py PORT udp|tcp"""
import asyncio
import sys

import aioice.turn


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


class Client(asyncio.DatagramProtocol):
    def __init__(self):
        self.received = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.received.put_nowait(data)


async def main(port, transport):
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    relay, client = await aioice.turn.create_turn_endpoint(
        Client,
        server_addr=("127.0.0.1", port),
        username="user",
        password="pass",
        transport=transport,
    )
    for i in range(20):
        data = bytes([i]) * (i + 1)
        relay.sendto(data, echo.get_extra_info("sockname"))
        assert await asyncio.wait_for(client.received.get(), 10) == data
    relay.close()
    echo.close()
    print("ok")


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
