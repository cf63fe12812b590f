package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;

/**
 * Two sessions on a network where multicast works, one of which is known to the other by a {@code
 * .local} name alone. A program, for a network namespace of its own.
 */
final class MdnsNetwork {
    private static final String NAME = "8E4f3b1c-0d5a-4c38-9b1e-6f2a7c9d0e11.local";

    private MdnsNetwork() {}

    public static void main(String[] arguments) throws Exception {
        NetworkInterface loopback =
                NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
        InetSocketAddress group = MdnsQuery.GROUP.inetSocketAddress();
        try (MulticastSocket responder = new MulticastSocket(group.getPort())) {
            responder.joinGroup(group, Objects.requireNonNull(loopback));
            Thread.ofVirtual().start(() -> answer(responder));
            connect();
        }
    }

    private static void connect() throws Exception {
        IcePortOptions options = IcePortOptions.loopbackOnly();
        try (IcePort left = IcePort.open(options);
                IcePort right = IcePort.open(options, left.loop());
                TestPeer first = new TestPeer(left, IceOptions.defaults());
                TestPeer second = new TestPeer(right, IceOptions.defaults())) {
            first.tells = _ -> null;
            second.tells =
                    it ->
                            it != null && it.address().equals("127.0.0.1")
                                    ? it.withAddress(NAME)
                                    : null;
            TestPeer.connect(first, second);
            first.awaitConnected();
            second.awaitConnected();
            if (first.pair().remote() != IceCandidate.Kind.HOST)
                throw new AssertionError("not by its name: " + first.pair());
            System.out.println("connected to " + first.pair().remoteAddress().getHostString());
        }
    }

    /** As a browser does: by a response to whoever asks (RFC 6762 §5.4, §6). */
    private static void answer(MulticastSocket responder) {
        byte[] name = MdnsMessage.name(NAME.toLowerCase(Locale.ROOT));
        DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
        try {
            while (true) {
                responder.receive(packet);
                ByteBuffer query = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
                if (query.getShort(2) != 0
                        || !query.slice(12, name.length).equals(ByteBuffer.wrap(name))) continue;
                ByteBuffer out = ByteBuffer.allocate(500);
                out.putShort(query.getShort(0)).putShort((short) 0x8400).putShort((short) 0);
                out.putShort((short) 1).putInt(0).put(name);
                out.putShort((short) 1).putShort((short) 0x8001).putInt(120).putShort((short) 4);
                out.put(HexFormat.of().parseHex("7f000001"));
                responder.send(
                        new DatagramPacket(out.array(), out.position(), packet.getSocketAddress()));
            }
        } catch (IOException _) {
            // closed
        }
    }
}
