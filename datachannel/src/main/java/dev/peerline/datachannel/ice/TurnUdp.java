package dev.peerline.datachannel.ice;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpOptions;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpSocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * TURN over UDP, on a socket of its own: to a server, one address of ours is one client (RFC 8656
 * §3.2), so sessions cannot share the port's.
 */
final class TurnUdp implements TurnTransport {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final MutableAddress ANY = new MutableAddress();

    private final UdpDriver driver;
    private final TransportAddress server;
    private final MutableAddress destination = new MutableAddress();
    private final Events events;
    private final ByteBuffer view;
    private final UdpSocket socket;

    TurnUdp(IceLoop loop, TransportAddress server, Events events) throws IOException {
        this.server = server;
        this.events = events;
        driver = loop.driver();
        view = driver.memory().duplicate();
        String any = server.isIpv4() ? "0.0.0.0" : "::";
        InetSocketAddress local = new InetSocketAddress(InetAddress.ofLiteral(any), 0);
        UdpOptions options = UdpOptions.on(local).withBufferBytes(BUFFER_BYTES);
        socket = loop.bind(options, this::received);
        loop.execute(events::ready);
    }

    private void received(UdpSocket from, UdpReceived run) {
        if (!run.source().is(server)) return;
        int end = run.offset() + run.length();
        for (int at = run.offset(); at < end; at += run.segmentBytes()) {
            int bytes = Math.min(run.segmentBytes(), end - at);
            events.received(view.limit(at + bytes).position(at));
        }
    }

    @Override
    public boolean send(ByteBuffer message) {
        int bytes = message.remaining();
        int at = driver.scratch(bytes);
        driver.memory().put(at, message, message.position(), bytes);
        socket.send(driver.outgoing().of(at, bytes), destination.set(server), ANY);
        return true;
    }

    @Override
    public String protocol() {
        return "udp";
    }

    @Override
    public void close() {
        socket.close();
    }
}
