package dev.peerline.datachannel.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IcePortOptions;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** libwebrtc with the field trial that puts SCTP's INIT into the description. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ChromiumSnapTest {
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private @Nullable ForeignPeer peer;
    private @Nullable PeerConnection ours;

    @BeforeAll
    void startsIt() throws Exception {
        Object started = ForeignPeer.start(ForeignPeer.node("chromium-snap"));
        if (started instanceof ForeignPeer one) peer = one;
        else System.out.println("skipped: ChromiumSnapTest: " + started);
        Assumptions.assumeTrue(peer != null, String.valueOf(started));
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

    private PeerConnection begin(boolean snap) {
        peer().forget();
        peer().tell("new");
        messages.clear();
        PeerConnection connection =
                new PeerConnection(
                        PeerConnectionOptions.defaults().withSnap(snap),
                        IcePortOptions.defaults().withLoopback(true));
        ours = connection;
        connection.onIceCandidate(candidate -> peer().tell(candidate));
        peer().onCandidate(
                        candidate -> {
                            var _ = connection.addIceCandidate(candidate);
                        });
        return connection;
    }

    private static <T extends @Nullable Object> T get(CompletableFuture<T> future)
            throws Exception {
        return future.get(ForeignPeer.SECONDS, TimeUnit.SECONDS);
    }

    private static boolean hasInit(SessionDescription description) {
        return description.sdp().contains("\r\na=sctp-init:");
    }

    /** A side that thought otherwise would begin a handshake, and that would close the channel. */
    @ParameterizedTest
    @CsvSource({"true, true", "false, true", "true, false", "false, false"})
    void opensChannelsWithAHandshakeOrWithout(boolean itOffers, boolean snap) throws Exception {
        PeerConnection connection = begin(snap);
        CompletableFuture<DataChannel> channel = new CompletableFuture<>();
        connection.onDataChannel(channel::complete);
        SessionDescription offer;
        SessionDescription answer;
        if (itOffers) {
            peer().tell("create", "label", "theirs");
            peer().tell("offer");
            offer = peer().description();
            get(connection.setRemoteDescription(offer));
            answer = get(connection.createAnswer());
            peer().tell(answer);
            get(connection.setLocalDescription(answer));
        } else {
            channel.complete(connection.createDataChannel("ours"));
            offer = get(connection.createOffer());
            peer().tell(offer);
            get(connection.setLocalDescription(offer));
            answer = peer().description();
            get(connection.setRemoteDescription(answer));
        }
        assertEquals(itOffers || snap, hasInit(offer), offer::sdp);
        assertEquals(snap, hasInit(answer), answer::sdp);
        DataChannel open = get(channel).onMessage(messages::add);
        CompletableFuture<Void> opened = new CompletableFuture<>();
        open.onOpen(() -> opened.complete(null));
        get(opened);
        SplittableRandom random = new SplittableRandom(3);
        for (int size : new int[] {1, 1200, 64 << 10, 256 << 10}) {
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
