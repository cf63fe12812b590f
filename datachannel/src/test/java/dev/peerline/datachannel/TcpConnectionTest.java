package dev.peerline.datachannel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.TestPeers.Inbox;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.datachannel.ice.SelectedPair;
import dev.peerline.datachannel.ice.TcpOptions;

import org.junit.jupiter.api.Test;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server that listens, and a client that connects to it, with no word of UDP between them. */
final class TcpConnectionTest {
    private static void tell(PeerConnection peer, IceCandidateInit candidate) {
        boolean udp = candidate.candidate().contains(" udp ");
        if (!udp) {
            var _ = peer.addIceCandidate(candidate);
        }
    }

    @Test
    @SuppressWarnings("try") // closed in the middle, which is what the test is about
    void carriesLargeMessagesBothWaysAndCloses() throws Exception {
        IcePortOptions loopback = IcePortOptions.loopbackOnly();
        try (PeerConnectionFactory server =
                        PeerConnectionFactory.open(
                                loopback.withTcp(TcpOptions.none().withPassive(0)));
                PeerConnection a = server.create(PeerConnectionOptions.defaults());
                PeerConnection b =
                        new PeerConnection(
                                PeerConnectionOptions.defaults(),
                                loopback.withTcp(TcpOptions.none().withActive(true)))) {
            BlockingQueue<DataChannel> announced = new LinkedBlockingQueue<>();
            b.onDataChannel(announced::add);
            a.onIceCandidate(one -> tell(b, one));
            b.onIceCandidate(one -> tell(a, one));
            Inbox inA = new Inbox();
            DataChannel ours = inA.listen(a.createDataChannel("x"));
            TestPeers.exchange(a, b);
            inA.awaitOpen();
            DataChannel theirs =
                    Objects.requireNonNull(announced.poll(TestPeers.SECONDS, TimeUnit.SECONDS));
            Inbox inB = new Inbox();
            inB.listen(theirs);
            SelectedPair pair = Objects.requireNonNull(b.selectedPair());
            assertEquals(IceCandidate.Protocol.TCP, pair.protocol());
            SplittableRandom random = new SplittableRandom(5);
            for (int i = 0; i < 6; i++) {
                byte[] data = new byte[(256 << 10) - i];
                random.nextBytes(data);
                TestPeers.get(ours.send(data));
                TestPeers.get(theirs.send(data));
                assertArrayEquals(data, inB.next().data());
                assertArrayEquals(data, inA.next().data());
            }
            a.close();
            TestPeers.get(inB.closed);
            TestPeers.until(() -> b.connectionState() == PeerConnectionState.CLOSED);
            assertEquals("closed by the peer", b.failureReason());
        }
    }
}
