package dev.peerline.datachannel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.ice.IcePortOptions;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Two connections in this process, on loopback, each with a port of its own. */
final class TestPeers implements AutoCloseable {
    /** Patience with a slow machine; nothing waits that long. */
    static final long SECONDS = 60;

    final PeerConnectionFactory portA;
    final PeerConnectionFactory portB;
    final PeerConnection a;
    final PeerConnection b;
    final BlockingQueue<DataChannel> announcedToB = new LinkedBlockingQueue<>();
    final List<PeerConnectionState> statesOfA = new ArrayList<>();

    TestPeers(PeerConnectionOptions optionsA, PeerConnectionOptions optionsB) throws IOException {
        portA = PeerConnectionFactory.open(IcePortOptions.loopbackOnly());
        portB = PeerConnectionFactory.open(IcePortOptions.loopbackOnly());
        a = portA.create(optionsA);
        b = portB.create(optionsB);
        a.onIceCandidate(one -> take(b, one)).onConnectionStateChange(statesOfA::add);
        b.onIceCandidate(one -> take(a, one)).onDataChannel(announcedToB::add);
    }

    TestPeers() throws IOException {
        this(PeerConnectionOptions.defaults(), PeerConnectionOptions.defaults());
    }

    static <T extends @Nullable Object> T get(CompletableFuture<T> future) throws Exception {
        return future.get(SECONDS, TimeUnit.SECONDS);
    }

    private static void take(PeerConnection peer, IceCandidateInit candidate) {
        var _ = peer.addIceCandidate(candidate);
    }

    /** A offers, and B answers. */
    TestPeers negotiate() throws Exception {
        exchange(a, b);
        return this;
    }

    static void exchange(PeerConnection offerer, PeerConnection answerer) throws Exception {
        SessionDescription offer = get(offerer.createOffer());
        get(offerer.setLocalDescription(offer));
        get(answerer.setRemoteDescription(offer));
        SessionDescription answer = get(answerer.createAnswer());
        get(answerer.setLocalDescription(answer));
        get(offerer.setRemoteDescription(answer));
    }

    /** A channel of A's, open at both ends, with its other end. */
    Ends open(String label, DataChannelOptions options) throws Exception {
        Inbox inA = new Inbox();
        DataChannel mine = inA.listen(a.createDataChannel(label, options));
        if (a.signalingState() == SignalingState.STABLE && a.localDescription() == null)
            negotiate();
        inA.awaitOpen();
        DataChannel theirs = announcedToB.poll(SECONDS, TimeUnit.SECONDS);
        if (theirs == null) throw new AssertionError("B was told of no channel");
        assertEquals(label, theirs.label());
        return new Ends(mine, inA, theirs, new Inbox().attach(theirs));
    }

    Ends open(String label) throws Exception {
        return open(label, DataChannelOptions.defaults());
    }

    record Ends(DataChannel a, Inbox inA, DataChannel b, Inbox inB) {}

    /** What a channel has told. */
    static final class Inbox {
        final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<Void> open = new CompletableFuture<>();
        final CompletableFuture<Void> closed = new CompletableFuture<>();

        DataChannel listen(DataChannel channel) {
            var _ = attach(channel);
            return channel;
        }

        Inbox attach(DataChannel channel) {
            channel.onMessage(messages::add);
            channel.onOpen(() -> open.complete(null));
            channel.onClose(() -> closed.complete(null));
            return this;
        }

        void awaitOpen() throws Exception {
            get(open);
        }

        Message next() throws InterruptedException {
            Message message = messages.poll(SECONDS, TimeUnit.SECONDS);
            if (message == null) throw new AssertionError("no message came");
            return message;
        }
    }

    /** Waits for what no listener tells. */
    static void until(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("it did not come to that");
            Thread.onSpinWait();
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    @Override
    public void close() {
        a.close();
        b.close();
        portA.close();
        portB.close();
    }
}
