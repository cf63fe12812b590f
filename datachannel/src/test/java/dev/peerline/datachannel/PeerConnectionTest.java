package dev.peerline.datachannel;

import static dev.peerline.datachannel.TestPeers.get;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.dtls.DtlsRole;
import dev.peerline.datachannel.dtls.DtlsTimeouts;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.datachannel.ice.LossyWire;
import dev.peerline.datachannel.ice.SelectedPair;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

final class PeerConnectionTest {
    @ParameterizedTest
    @EnumSource(DtlsRole.class)
    void carriesEveryKindAndSizeOfMessageBothWays(DtlsRole answerRole) throws Exception {
        PeerConnectionOptions options =
                PeerConnectionOptions.defaults().withDtls(DtlsTimeouts.defaults(), answerRole);
        try (TestPeers peers = new TestPeers(options, options)) {
            TestPeers.Ends ends = peers.open("all");
            assertEquals(answerRole == DtlsRole.CLIENT ? 1 : 0, ends.a().id());
            echoes(ends.a(), ends.inA(), ends.b(), ends.inB());
            echoes(ends.b(), ends.inB(), ends.a(), ends.inA());
            assertEquals(PeerConnectionState.CONNECTED, peers.a.connectionState());
            assertEquals(PeerConnectionState.CONNECTED, peers.b.connectionState());
        }
    }

    private static void echoes(
            DataChannel from, TestPeers.Inbox back, DataChannel to, TestPeers.Inbox arrived)
            throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        for (int size : new int[] {0, 1, 1000, 1188, 16 << 10, 64 << 10, 256 << 10}) {
            byte[] data = new byte[size];
            random.nextBytes(data);
            get(from.send(data));
            Message message = arrived.next();
            assertFalse(message.isText());
            assertArrayEquals(data, message.data());
            get(to.send(message.data()));
            assertArrayEquals(data, back.next().data());
        }
        for (String text : List.of("", "x", "Grüße, 世界")) {
            get(from.send(text));
            Message message = arrived.next();
            assertTrue(message.isText());
            assertEquals(text, message.text());
        }
    }

    @Test
    void isConnectedWithItsChannelEvenWhileItsOwnChecksAreStillUnanswered() throws Exception {
        PeerConnectionOptions waits =
                PeerConnectionOptions.defaults().withDtls(DtlsTimeouts.defaults(), DtlsRole.SERVER);
        try (TestPeers peers = new TestPeers(waits, waits)) {
            CompletableFuture<InetSocketAddress> hostOfA = hostCandidate(peers.a);
            CompletableFuture<InetSocketAddress> hostOfB = hostCandidate(peers.b);
            TestPeers.Inbox inbox = new TestPeers.Inbox();
            var _ = inbox.listen(peers.a.createDataChannel("early"));
            peers.negotiate();
            try (LossyWire wire =
                    new LossyWire(
                            get(hostOfA),
                            get(hostOfB),
                            _ -> false,
                            PeerConnectionTest::isBindingRequest)) {
                var _ = peers.a.addIceCandidate(init(wire.secondForFirst()));
                var _ = peers.b.addIceCandidate(init(wire.firstForSecond()));
                inbox.awaitOpen();
                assertEquals(PeerConnectionState.CONNECTED, peers.b.connectionState());
                SelectedPair pair = peers.b.selectedPair();
                assertTrue(pair != null);
                assertEquals(wire.firstForSecond().port(), pair.remoteAddress().getPort());
            }
        }
    }

    private static CompletableFuture<InetSocketAddress> hostCandidate(PeerConnection peer) {
        CompletableFuture<InetSocketAddress> found = new CompletableFuture<>();
        peer.onIceCandidate(
                one -> {
                    IceCandidate candidate = IceCandidate.parse(one.candidate());
                    if (candidate == null || !candidate.address().equals("127.0.0.1")) return;
                    found.complete(new InetSocketAddress(candidate.address(), candidate.port()));
                });
        return found;
    }

    private static IceCandidateInit init(IceCandidate candidate) {
        return IceCandidateInit.of(candidate.toString());
    }

    private static boolean isBindingRequest(DatagramPacket packet) {
        return packet.getData()[0] == 0 && packet.getData()[1] == 1;
    }

    @Test
    void opensManyChannelsOfEveryKind() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            List<TestPeers.Inbox> inboxes = new ArrayList<>();
            List<DataChannel> channels = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                DataChannelOptions options = DataChannelOptions.defaults().withOrdered(i % 2 == 0);
                if (i % 3 == 1) options = options.withMaxRetransmits(i);
                if (i % 3 == 2) options = options.withMaxPacketLifeTime(1000 + i);
                DataChannel channel =
                        peers.a.createDataChannel("c" + i, options.withProtocol("p" + i));
                inboxes.add(new TestPeers.Inbox().attach(channel));
                channels.add(channel);
            }
            peers.negotiate();
            for (int i = 0; i < 100; i++) {
                inboxes.get(i).awaitOpen();
                DataChannel theirs = peers.announcedToB.poll(60, TimeUnit.SECONDS);
                assertTrue(theirs != null, "channel " + i);
                DataChannel mine = channels.get(Integer.parseInt(theirs.label().substring(1)));
                assertEquals(mine.id(), theirs.id());
                assertEquals(mine.ordered(), theirs.ordered());
                assertEquals(mine.maxRetransmits(), theirs.maxRetransmits());
                assertEquals(mine.maxPacketLifeTime(), theirs.maxPacketLifeTime());
                assertEquals(mine.protocol(), theirs.protocol());
                get(theirs.send("to " + theirs.label()));
            }
            for (int i = 0; i < 100; i++) assertEquals("to c" + i, inboxes.get(i).next().text());
        }
    }

    @Test
    void negotiatedChannelsOpenWithoutBeingAnnounced() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            DataChannelOptions agreed = DataChannelOptions.defaults().withNegotiatedId(7);
            TestPeers.Inbox inA = new TestPeers.Inbox();
            TestPeers.Inbox inB = new TestPeers.Inbox();
            DataChannel a = inA.listen(peers.a.createDataChannel("x", agreed));
            var _ = inB.listen(peers.b.createDataChannel("x", agreed));
            peers.negotiate();
            inA.awaitOpen();
            inB.awaitOpen();
            get(a.send("hello"));
            assertEquals("hello", inB.next().text());
            assertTrue(peers.announcedToB.isEmpty());
        }
    }

    @Test
    void closingAChannelLetsWhatWasSentArriveAndClosesBothEnds() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            TestPeers.Ends ends = peers.open("short");
            for (int i = 0; i < 50; i++) {
                var _ = ends.a().send(new byte[20_000]);
            }
            ends.a().close();
            get(ends.inA().closed);
            get(ends.inB().closed);
            assertEquals(50, ends.inB().messages.size());
            assertEquals(DataChannelState.CLOSED, ends.b().readyState());
            CompletableFuture<?> late = ends.b().send("late");
            assertThrows(ExecutionException.class, () -> get(late));
            TestPeers.Ends next = peers.open("next");
            next.b().close();
            get(next.inA().closed);
        }
    }

    @Test
    void closingAConnectionIsSeenByThePeerAtOnceAndFreesItsPort() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            TestPeers.Ends ends = peers.open("x");
            peers.a.close();
            get(ends.inB().closed);
            TestPeers.until(() -> peers.b.connectionState() == PeerConnectionState.CLOSED);
            assertEquals("closed by the peer", peers.b.failureReason());
            TestPeers.until(() -> peers.portA.connectionCount() == 0);
            TestPeers.until(() -> peers.portB.connectionCount() == 0);
            assertThrows(IllegalStateException.class, () -> peers.b.createDataChannel("late"));
            assertThrows(ExecutionException.class, () -> get(peers.b.createOffer()));
        }
    }

    /** Whoever waits for the future of send never has much more than sendAheadBytes waiting. */
    @Test
    void sendHoldsBackWhoeverWaitsForIt() throws Exception {
        PeerConnectionOptions options =
                PeerConnectionOptions.defaults().withBuffers(64 << 10, 1 << 20, 4 << 20);
        try (TestPeers peers = new TestPeers(options, PeerConnectionOptions.defaults())) {
            TestPeers.Ends ends = peers.open("bulk");
            CompletableFuture<Void> low = new CompletableFuture<>();
            ends.a().onBufferedAmountLow(() -> low.complete(null));
            for (int i = 0; i < 200; i++) {
                get(ends.a().send(new byte[16 << 10]));
                assertTrue(ends.a().bufferedAmount() <= 80 << 10, "i=" + i);
            }
            for (int i = 0; i < 200; i++) assertEquals(16 << 10, ends.inB().next().data().length);
            get(low);
            TestPeers.until(() -> ends.a().bufferedAmount() == 0);
        }
    }

    @Test
    void sendFailsWhenTooMuchWaitsOrTheMessageIsTooLong() throws Exception {
        PeerConnectionOptions options =
                PeerConnectionOptions.defaults().withBuffers(64 << 10, 128 << 10, 64 << 10);
        try (TestPeers peers = new TestPeers(options, options)) {
            TestPeers.Ends ends = peers.open("bulk");
            CompletableFuture<?> tooLong = ends.a().send(new byte[(256 << 10) + 1]);
            ExecutionException problem = assertThrows(ExecutionException.class, () -> get(tooLong));
            assertTrue(problem.getCause() instanceof IllegalArgumentException);
            // Nobody reads at the other end.
            CompletableFuture<Void> hold = new CompletableFuture<>();
            ends.b().onMessage(message -> hold.join());
            boolean refused = false;
            for (int i = 0; i < 10_000 && !refused; i++)
                refused = ends.a().send(new byte[60_000]).isCompletedExceptionally();
            assertTrue(refused);
            assertTrue(ends.a().bufferedAmount() <= 128 << 10);
            hold.complete(null);
            TestPeers.until(() -> ends.a().bufferedAmount() == 0);
        }
    }

    /** A channel without a reader holds back its own peer, and nothing is lost by it. */
    @Test
    void aSlowListenerHoldsThePeerBackAndGetsEverything() throws Exception {
        PeerConnectionOptions slow =
                PeerConnectionOptions.defaults().withBuffers(1 << 20, 64 << 20, 100_000);
        try (TestPeers peers = new TestPeers(slow, slow)) {
            TestPeers.Ends ends = peers.open("bulk");
            CompletableFuture<Void> hold = new CompletableFuture<>();
            List<Integer> got = new ArrayList<>();
            CompletableFuture<Void> all = new CompletableFuture<>();
            ends.b()
                    .onMessage(
                            message -> {
                                hold.join();
                                got.add((int) message.data()[0]);
                                if (got.size() == 100) all.complete(null);
                            });
            for (int i = 0; i < 100; i++) {
                byte[] data = new byte[200_000];
                data[0] = (byte) i;
                var _ = ends.a().send(data);
            }
            hold.complete(null);
            get(all);
            for (int i = 0; i < 100; i++) assertEquals(i, got.get(i));
        }
    }

    @Test
    void findsAnotherPathAfterARestart() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            TestPeers.Ends ends = peers.open("x");
            SessionDescription before = peers.a.localDescription();
            peers.a.restartIce();
            TestPeers.exchange(peers.a, peers.b);
            SessionDescription after = peers.a.localDescription();
            assertTrue(before != null && after != null);
            assertFalse(ufrag(before).equals(ufrag(after)));
            get(ends.a().send("still"));
            assertEquals("still", ends.inB().next().text());
            get(ends.b().send("here"));
            assertEquals("here", ends.inA().next().text());
        }
    }

    private static String ufrag(SessionDescription description) {
        int at = description.sdp().indexOf("a=ice-ufrag:");
        return description.sdp().substring(at, description.sdp().indexOf('\r', at));
    }

    @Test
    void saysWhichPathPacketsTake() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            CompletableFuture<SelectedPair> selected = new CompletableFuture<>();
            peers.a.onSelectedCandidatePairChange(selected::complete);
            var _ = peers.open("x");
            SelectedPair pair = get(selected);
            assertEquals(IceCandidate.Kind.HOST, pair.local());
            assertTrue(pair.localAddress().getAddress().isLoopbackAddress());
        }
    }

    @Test
    void saysWhichServerGaveNoCandidate() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            IceServer server =
                    IceServer.turn(
                            IceServer.Kind.TURN_UDP,
                            "127.0.0.1",
                            silent.getLocalPort(),
                            "user",
                            "x");
            IceOptions ice =
                    IceOptions.defaults()
                            .withServers(List.of(server))
                            .withGatherTimeout(Duration.ofMillis(300));
            PeerConnectionOptions options = PeerConnectionOptions.defaults().withIce(ice);
            try (PeerConnection connection =
                    new PeerConnection(options, IcePortOptions.loopbackOnly())) {
                CompletableFuture<IceCandidateError> error = new CompletableFuture<>();
                connection.onIceCandidateError(error::complete);
                var _ = connection.createDataChannel("x");
                get(connection.setLocalDescription());
                assertEquals(server.url(), get(error).url());
                assertEquals(0, get(error).errorCode());
                assertTrue(get(error).errorText().contains("no answer"));
            }
        }
    }

    @Test
    void anOfferThatCrossesOursTakesItsPlace() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            TestPeers.Inbox inB = new TestPeers.Inbox();
            var _ = inB.listen(peers.b.createDataChannel("mine"));
            get(peers.b.setLocalDescription());
            assertEquals(SignalingState.HAVE_LOCAL_OFFER, peers.b.signalingState());
            TestPeers.Ends ends = peers.open("theirs");
            inB.awaitOpen();
            get(ends.a().send("x"));
            assertEquals("x", ends.inB().next().text());
        }
    }

    @Test
    void saysWhatIsWrongWithADescriptionAndStaysAsItWas() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            SessionDescription offer = get(peers.a.createOffer());
            for (String[] change :
                    new String[][] {
                        {"a=fingerprint:[^\r]*\r\n", "no a=fingerprint"},
                        {"a=ice-pwd:[^\r]*\r\n", "a=ice-ufrag and a=ice-pwd"},
                        {"v=0\r\n", "line 1"},
                    }) {
                String broken = offer.sdp().replaceFirst(change[0], "");
                CompletableFuture<?> refused =
                        peers.b.setRemoteDescription(SessionDescription.offer(broken));
                Throwable why =
                        assertThrows(ExecutionException.class, () -> get(refused)).getCause();
                assertTrue(why instanceof IllegalArgumentException, "" + why);
                assertTrue(String.valueOf(why.getMessage()).contains(change[1]), "" + why);
                assertEquals(SignalingState.STABLE, peers.b.signalingState());
            }
            CompletableFuture<?> early = peers.b.createAnswer();
            assertThrows(ExecutionException.class, () -> get(early));
            assertTrue(peers.open("after all").a().readyState() == DataChannelState.OPEN);
        }
    }

    @Test
    void aWrongFingerprintFailsTheConnectionWithBothInTheReason() throws Exception {
        try (TestPeers peers = new TestPeers()) {
            var _ = peers.a.createDataChannel("x");
            String wrong = "AB:".repeat(31) + "AB";
            SessionDescription offer = get(peers.a.createOffer());
            get(peers.a.setLocalDescription(offer));
            String forged =
                    offer.sdp()
                            .replaceFirst(
                                    "a=fingerprint:sha-256 [0-9A-F:]*",
                                    "a=fingerprint:sha-256 " + wrong);
            get(peers.b.setRemoteDescription(SessionDescription.offer(forged)));
            get(peers.b.setLocalDescription());
            SessionDescription answer = peers.b.localDescription();
            assertTrue(answer != null);
            get(peers.a.setRemoteDescription(answer));
            TestPeers.until(() -> peers.b.connectionState() == PeerConnectionState.FAILED);
            assertTrue(peers.b.failureReason().contains(wrong), peers.b.failureReason());
            assertTrue(peers.b.failureReason().contains(peers.a.fingerprint()));
            TestPeers.until(() -> peers.a.connectionState() == PeerConnectionState.FAILED);
        }
    }

    @Test
    void oneAfterAnotherLeavesNothingBehind() throws Exception {
        Set<Long> threads = new HashSet<>();
        try (TestPeers first = new TestPeers()) {
            var _ = first.open("warm");
            Thread.getAllStackTraces().keySet().forEach(one -> threads.add(one.threadId()));
        }
        int before = Thread.getAllStackTraces().size();
        for (int i = 0; i < 20; i++) {
            try (TestPeers peers = new TestPeers()) {
                TestPeers.Ends ends = peers.open("x");
                get(ends.a().send("hello"));
                assertEquals("hello", ends.inB().next().text());
            }
        }
        TestPeers.until(() -> Thread.getAllStackTraces().size() <= before + 4);
    }
}
