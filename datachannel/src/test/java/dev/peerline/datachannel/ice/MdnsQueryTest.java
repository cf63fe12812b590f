package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peerline.net.TransportAddress;

import org.junit.jupiter.api.Test;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** RFC 6762, against a responder that the test plays. */
final class MdnsQueryTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final String NAME = "2e1a3c70-58a1.local";

    /** The header of a response with this many questions and answers. */
    private static ByteBuffer response(int id, int questions, int answers) {
        ByteBuffer out = ByteBuffer.allocate(300);
        out.putShort((short) id).putShort((short) 0x8400);
        return out.putShort((short) questions).putShort((short) answers).putInt(0);
    }

    private static void record(ByteBuffer out, byte[] name, int type, String hex) {
        byte[] data = HexFormat.of().parseHex(hex);
        out.put(name).putShort((short) type).putShort((short) 1).putInt(120);
        out.putShort((short) data.length).put(data);
    }

    private static byte[] bytes(ByteBuffer out) {
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        return bytes;
    }

    @Test
    void findsTheAddressOfAName() throws Exception {
        try (DatagramSocket responder = new DatagramSocket(new InetSocketAddress(HERE, 0));
                IceLoop loop = IceLoop.open("mdns-test", true)) {
            TransportAddress group = TransportAddress.of(HERE, responder.getLocalPort());
            MdnsQuery query = new MdnsQuery(loop, group);
            CompletableFuture<InetAddress> found = new CompletableFuture<>();
            loop.execute(() -> query.resolve("2E1A3C70-58a1.local", found::complete));
            DatagramPacket packet = new DatagramPacket(new byte[500], 500);
            responder.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TestPeer.PATIENCE_SECONDS));
            responder.receive(packet);
            ByteBuffer asked = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
            assertEquals(2, asked.getShort(4));
            byte[] name = MdnsMessage.name(NAME);
            assertEquals(ByteBuffer.wrap(name), asked.slice(12, name.length));
            ByteBuffer out = response(asked.getShort(0), 0, 1);
            record(out, name, 1, "c0000207");
            byte[] answer = bytes(out);
            responder.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            InetAddress address = found.get(TestPeer.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertEquals(InetAddress.ofLiteral("192.0.2.7"), address);
        }
    }

    @Test
    void readsNamesThatPointElsewhere() {
        ByteBuffer out = response(7, 1, 2);
        out.put(MdnsMessage.name(NAME)).putShort((short) 28).putShort((short) 1);
        byte[] pointer = {(byte) 0xc0, 12};
        record(out, MdnsMessage.name("other.local"), 1, "c0000201");
        record(out, pointer, 28, "20010db8000000000000000000000009");
        InetAddress address = MdnsMessage.address(out.flip(), 7, NAME);
        assertEquals(InetAddress.ofLiteral("2001:db8::9"), Objects.requireNonNull(address));
    }

    @Test
    void ignoresTheAnswerToAnotherQuestion() {
        ByteBuffer out = response(7, 0, 1);
        record(out, MdnsMessage.name(NAME), 1, "c0000207");
        assertNull(MdnsMessage.address(out.flip(), 8, NAME));
        assertNull(MdnsMessage.address(out, 7, "other.local"));
    }

    @Test
    void survivesAnyBytes() {
        SplittableRandom random = new SplittableRandom(3);
        ByteBuffer out = response(0, 1, 3);
        out.put(MdnsMessage.name(NAME)).putInt(0x1c0001);
        for (int i = 0; i < 3; i++)
            record(out, new byte[] {(byte) 0xc0, (byte) (12 + i)}, 5, "c00c");
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = bytes(out);
            for (int j = random.nextInt(8); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            ByteBuffer message = ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1));
            MdnsMessage.address(message, 0, NAME);
        }
    }

    @Test
    void refusesWhatIsNoName() {
        assertEquals(0, MdnsMessage.name("a..local").length);
        assertEquals(0, MdnsMessage.name("x".repeat(64) + ".local").length);
        assertEquals(0, MdnsMessage.name("x.".repeat(130) + "local").length);
    }
}
