package dev.peerline.server;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** A STUN server that sees everybody by one address, as one on the other side of a NAT does. */
public final class FakeStunServer implements AutoCloseable {
    private final DatagramSocket socket;
    private final InetAddress seen;
    private final Thread thread;

    public FakeStunServer(InetAddress seen) throws IOException {
        this.seen = seen;
        socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        thread = Thread.ofVirtual().start(this::run);
    }

    public int port() {
        return socket.getLocalPort();
    }

    private void run() {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        StunReader request = new StunReader();
        try {
            while (true) {
                packet.setLength(2000);
                socket.receive(packet);
                ByteBuffer bytes = ByteBuffer.wrap(packet.getData());
                if (request.parse(bytes, 0, packet.getLength()) != StunParse.OK) continue;
                byte[] answer = answer(request, packet.getPort());
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private byte[] answer(StunReader request, int port) {
        ByteBuffer buffer = ByteBuffer.allocate(200);
        StunWriter writer = new StunWriter();
        writer.begin(
                        buffer,
                        0,
                        StunType.of(StunType.BINDING, StunType.SUCCESS),
                        request.transactionHigh(),
                        request.transactionLow())
                .xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, TransportAddress.of(seen, port));
        byte[] answer = new byte[writer.length()];
        buffer.get(0, answer);
        return answer;
    }

    @Override
    public void close() {
        socket.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
