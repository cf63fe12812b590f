"""A foreign peer for Java tests, of aiortc: JSON lines in and out, as src/test/node/page.js has them."""

import asyncio
import json
import sys


def tell(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


try:
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
    from aiortc.sdp import candidate_from_sdp
except ImportError as problem:
    tell(ev="missing", reason=str(problem))
    sys.exit()


class Peer:
    def __init__(self):
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channels = {}
        self.connection.on("datachannel", self.listen)

    def listen(self, channel):
        self.channels[channel.label] = channel
        told = []

        def opened():
            if told:
                return
            told.append(True)
            tell(
                ev="open",
                label=channel.label,
                ordered=channel.ordered,
                protocol=channel.protocol,
                maxRetransmits=channel.maxRetransmits,
                maxPacketLifeTime=channel.maxPacketLifeTime,
                id=channel.id,
            )

        channel.on("open", opened)
        channel.on("close", lambda: tell(ev="closed", label=channel.label))
        channel.on("message", channel.send)
        if channel.readyState == "open":
            opened()

    async def describe(self):
        answers = self.connection.signalingState == "have-remote-offer"
        make = self.connection.createAnswer if answers else self.connection.createOffer
        await self.connection.setLocalDescription(await make())
        local = self.connection.localDescription
        tell(ev="sdp", type=local.type, sdp=local.sdp)

    async def run(self, command):
        op = command["op"]
        if op == "create":
            self.listen(self.connection.createDataChannel(command["label"], **command.get("init", {})))
        elif op == "audio":
            self.connection.addTransceiver("audio", direction="recvonly")
        elif op == "offer":
            await self.describe()
        elif op == "remote":
            description = RTCSessionDescription(sdp=command["sdp"], type=command["type"])
            await self.connection.setRemoteDescription(description)
            if description.type == "offer":
                await self.describe()
        elif op == "candidate":
            line = command["candidate"]["candidate"].split(":", 1)[1]
            candidate = candidate_from_sdp(line)
            candidate.sdpMid = command["candidate"].get("sdpMid")
            candidate.sdpMLineIndex = command["candidate"].get("sdpMLineIndex")
            await self.connection.addIceCandidate(candidate)
        elif op == "text":
            self.channels[command["label"]].send(command["text"])
        elif op == "shut":
            self.channels[command["label"]].close()
        elif op == "close":
            await self.connection.close()


async def main():
    reader = asyncio.StreamReader(limit=1 << 22)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    peer = Peer()
    tell(ev="ready")

    async def guarded(one, command):
        try:
            await one.run(command)
        except Exception as problem:  # whatever it is, the test is to hear of it
            tell(ev="error", message=repr(problem))

    tasks = set()
    while line := await reader.readline():
        command = json.loads(line)
        if command["op"] == "new":
            peer = Peer()
            continue
        task = asyncio.ensure_future(guarded(peer, command))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
