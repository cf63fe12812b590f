package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Against a STUN server that sees all clients behind one NAT. */
final class ReflexiveTest {
    private static final TransportAddress OUTSIDE =
            TransportAddress.of(InetAddress.ofLiteral("203.0.113.7"), 61_000);

    private final Set<Long> transactions = ConcurrentHashMap.newKeySet();

    private void serve(DatagramSocket socket) {
        byte[] bytes = new byte[1500];
        StunReader reader = new StunReader();
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                socket.receive(packet);
                ByteBuffer request = ByteBuffer.wrap(bytes);
                if (reader.parse(request, 0, packet.getLength()) != StunParse.OK) continue;
                transactions.add(reader.transactionLow());
                ByteBuffer answer = ByteBuffer.allocate(100);
                StunWriter writer = new StunWriter().answer(answer, 0, reader, StunType.SUCCESS);
                writer.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, OUTSIDE);
                socket.send(
                        new DatagramPacket(
                                answer.array(), writer.length(), packet.getSocketAddress()));
            }
        } catch (IOException _) {
            // closed
        }
    }

    @Test
    void asksOnceForAllSessionsOfAPort() throws Exception {
        InetAddress here = InetAddress.ofLiteral("127.0.0.1");
        List<TestPeer> peers = new ArrayList<>();
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(here, 0));
                IcePort port = IcePort.open(IcePortOptions.loopbackOnly())) {
            Thread.ofVirtual().start(() -> serve(socket));
            IceServer server = IceServer.stun("127.0.0.1", socket.getLocalPort());
            IceOptions options = IceOptions.defaults().withServers(List.of(server));
            for (int i = 0; i < 20; i++) peers.add(new TestPeer(port, options));
            peers.forEach(peer -> peer.session.gather());
            for (TestPeer peer : peers) {
                peer.await(
                        "end of gathering",
                        () -> peer.session.gatheringState() == IceGatheringState.COMPLETE);
                List<IceCandidate> reflexive =
                        peer.candidates.stream()
                                .filter(it -> it.kind() == IceCandidate.Kind.SRFLX)
                                .toList();
                assertEquals(1, reflexive.size(), peer.toString());
                assertEquals("203.0.113.7", reflexive.getFirst().address());
                assertEquals(61_000, reflexive.getFirst().port());
                assertEquals("127.0.0.1", reflexive.getFirst().relatedAddress());
                assertTrue(peer.errors.isEmpty(), peer.toString());
            }
            assertEquals(1, transactions.size());
            peers.forEach(TestPeer::close);
        }
    }
}
