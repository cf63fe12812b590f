package dev.peerline.datachannel.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.datachannel.ice.TcpOptions;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A browser whose UDP gets nowhere: neither side is told of the other's UDP candidates. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ChromiumTcpTest {
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private @Nullable ForeignPeer peer;
    private @Nullable PeerConnection ours;

    @BeforeAll
    void startsIt() throws Exception {
        Object started = ForeignPeer.start(ForeignPeer.node("chromium"));
        if (started instanceof ForeignPeer one) peer = one;
        else System.out.println("skipped: ChromiumTcpTest: " + started);
        Assumptions.assumeTrue(peer != null, String.valueOf(started));
    }

    @BeforeEach
    void begins() {
        peer().forget();
        peer().tell("new");
        messages.clear();
        ours =
                new PeerConnection(
                        PeerConnectionOptions.defaults(),
                        IcePortOptions.defaults()
                                .withLoopback(true)
                                .withTcp(TcpOptions.none().withPassive(0)));
    }

    @AfterEach
    void closesOurs() {
        if (ours != null) ours.close();
    }

    @AfterAll
    void ends() {
        if (peer != null) peer.close();
    }

    private ForeignPeer peer() {
        return Objects.requireNonNull(peer);
    }

    private static boolean isUdp(String candidate) {
        return candidate.contains(" udp ");
    }

    private static SessionDescription withoutUdp(SessionDescription description) {
        String sdp = description.sdp().replaceAll("(?m)^a=candidate:.* udp .*\r\n", "");
        return new SessionDescription(description.type(), sdp);
    }

    private void tell(IceCandidateInit candidate) {
        if (!isUdp(candidate.candidate())) peer().tell(candidate);
    }

    private static void take(PeerConnection connection, IceCandidateInit candidate) {
        if (isUdp(candidate.candidate())) return;
        var _ = connection.addIceCandidate(candidate);
    }

    private static <T extends @Nullable Object> T get(CompletableFuture<T> future)
            throws Exception {
        return future.get(ForeignPeer.SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectsToOurListener(boolean itOffers) throws Exception {
        PeerConnection connection = Objects.requireNonNull(ours);
        CompletableFuture<DataChannel> channel = new CompletableFuture<>();
        connection.onIceCandidate(this::tell);
        connection.onDataChannel(channel::complete);
        peer().onCandidate(candidate -> take(connection, candidate));
        if (itOffers) {
            peer().tell("create", "label", "theirs");
            peer().tell("offer");
            get(connection.setRemoteDescription(withoutUdp(peer().description())));
            SessionDescription answer = get(connection.createAnswer());
            peer().tell(answer);
            get(connection.setLocalDescription(answer));
        } else {
            channel.complete(connection.createDataChannel("ours"));
            SessionDescription offer = get(connection.createOffer());
            peer().tell(offer);
            get(connection.setLocalDescription(offer));
            get(connection.setRemoteDescription(withoutUdp(peer().description())));
        }
        DataChannel open = get(channel).onMessage(messages::add);
        CompletableFuture<Void> opened = new CompletableFuture<>();
        open.onOpen(() -> opened.complete(null));
        get(opened);
        assertEquals(
                IceCandidate.Protocol.TCP,
                Objects.requireNonNull(connection.selectedPair()).protocol());
        SplittableRandom random = new SplittableRandom(3);
        for (int size : new int[] {1, 1200, 64 << 10, 256 << 10, 256 << 10}) {
            byte[] data = new byte[size];
            random.nextBytes(data);
            get(open.send(data));
            Message echo = messages.poll(ForeignPeer.SECONDS, TimeUnit.SECONDS);
            assertArrayEquals(data, Objects.requireNonNull(echo, "no echo").data());
        }
        CompletableFuture<Void> closed = new CompletableFuture<>();
        open.onClose(() -> closed.complete(null));
        peer().tell("close");
        get(closed);
    }
}
