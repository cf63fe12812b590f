package dev.peerline.server.bench;

import com.google.gson.JsonObject;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.DataChannelOptions;
import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IceGatheringState;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A data-channel peer that does what it is told, and tells what it has measured: the JSON of {@code
 * bench datachannel-peer}. Commands come one at a time; events may come from any thread.
 */
final class BenchPeer implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Consumer<JsonObject> tell;
    private final PeerConnection connection;
    private final CompletableFuture<Void> gathered = new CompletableFuture<>();
    private final BlockingQueue<Message> pongs = new ArrayBlockingQueue<>(16);
    private final long startedNanos = System.nanoTime();
    private volatile @Nullable DataChannel channel;
    private volatile boolean echo;
    private volatile boolean pinging;
    private volatile Count count = new Count(0, 0, 0, 0, 0);

    /** What has come since somebody asked. */
    private record Count(
            long bytes, long messages, long firstNanos, long lastNanos, int firstBytes) {
        Count plus(int length, long now) {
            boolean first = messages == 0;
            return new Count(
                    bytes + length,
                    messages + 1,
                    first ? now : firstNanos,
                    now,
                    first ? length : firstBytes);
        }
    }

    BenchPeer(PeerConnectionOptions options, Consumer<JsonObject> tell) {
        this.tell = tell;
        connection = new PeerConnection(options);
        connection
                .onDataChannel(this::listen)
                .onIceCandidate(this::candidate)
                .onIceGatheringStateChange(
                        state -> {
                            if (state == IceGatheringState.COMPLETE) gathered.complete(null);
                        })
                .onConnectionStateChange(
                        state -> {
                            JsonObject event = event("state");
                            event.addProperty("state", state.name().toLowerCase(Locale.ROOT));
                            tell.accept(event);
                        });
    }

    static JsonObject event(String name) {
        JsonObject event = new JsonObject();
        event.addProperty("ev", name);
        return event;
    }

    private void candidate(IceCandidateInit candidate) {
        if (candidate.candidate().isEmpty()) return;
        JsonObject event = event("candidate");
        event.addProperty("candidate", candidate.candidate());
        event.addProperty("mid", candidate.sdpMid());
        tell.accept(event);
    }

    // --- setting up -----------------------------------------------------------------------------

    void offer(String label, boolean trickle) throws Exception {
        listen(connection.createDataChannel(label, DataChannelOptions.defaults()));
        describe(trickle);
    }

    void remote(SessionDescription description, boolean trickle) throws Exception {
        connection.setRemoteDescription(description).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (description.type() == SessionDescription.Type.OFFER) describe(trickle);
    }

    private void describe(boolean trickle) throws Exception {
        connection.setLocalDescription().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!trickle) gathered.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        SessionDescription local = connection.localDescription();
        if (local == null) throw new IllegalStateException("no local description");
        JsonObject event = event("sdp");
        event.addProperty("type", local.type().toString());
        event.addProperty("sdp", local.sdp());
        tell.accept(event);
    }

    void addCandidate(String line) throws Exception {
        connection
                .addIceCandidate(IceCandidateInit.of(line))
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void listen(DataChannel opened) {
        channel = opened;
        opened.onMessage(this::received)
                .onClose(() -> tell.accept(event("close")))
                .onOpen(
                        () -> {
                            JsonObject event = event("open");
                            event.addProperty("label", opened.label());
                            event.addProperty("ms", millis(System.nanoTime() - startedNanos));
                            tell.accept(event);
                        });
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private DataChannel open() {
        DataChannel current = channel;
        if (current == null) throw new IllegalStateException("there is no channel");
        return current;
    }

    // --- messages -------------------------------------------------------------------------------

    /** On the network's thread. */
    private void received(Message message) {
        if (pinging) {
            // Whoever pings takes it, or has given up.
            var _ = pongs.offer(message);
            return;
        }
        if (message.isText()) {
            JsonObject event = event("text");
            event.addProperty("data", message.text());
            tell.accept(event);
            if (echo) sendNow(message);
        } else if (echo) {
            sendNow(message);
        } else {
            count = count.plus(message.data().length, System.nanoTime());
        }
    }

    private void sendNow(Message message) {
        var _ = message.isText() ? open().send(message.text()) : open().send(message.data());
    }

    void mode(boolean repeats) {
        echo = repeats;
        count = new Count(0, 0, 0, 0, 0);
        tell.accept(event("ok"));
    }

    void text(String text) throws Exception {
        open().send(text).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** As fast as the channel takes them. */
    void send(int size, double seconds) throws Exception {
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) data[i] = (byte) (i * 31);
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        long messages = 0;
        while (System.nanoTime() < end) {
            open().send(data).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            messages++;
        }
        double took = millis(System.nanoTime() - start);
        for (int i = 0; i < 500 && open().bufferedAmount() > 0; i++)
            TimeUnit.MILLISECONDS.sleep(10);
        JsonObject event = event("sent");
        event.addProperty("msgs", messages);
        event.addProperty("bytes", messages * size);
        event.addProperty("ms", took);
        event.addProperty("left", open().bufferedAmount());
        tell.accept(event);
    }

    /** One message there and back at a time. */
    void ping(int times, int size) throws Exception {
        byte[] data = new byte[size];
        long[] took = new long[times];
        pinging = true;
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            long sent = System.nanoTime();
            var _ = open().send(data);
            if (pongs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS) == null)
                throw new IllegalStateException("no answer to ping " + i);
            took[i] = System.nanoTime() - sent;
        }
        double mean = (System.nanoTime() - start) / 1e3 / times;
        pinging = false;
        Arrays.sort(took);
        JsonObject event = event("rtt");
        event.addProperty("n", times);
        event.addProperty("mean_us", mean);
        event.addProperty("p50_us", took[times / 2] / 1e3);
        event.addProperty("p99_us", took[times * 99 / 100] / 1e3);
        tell.accept(event);
    }

    void recv() {
        Count since = count;
        count = new Count(0, 0, 0, 0, 0);
        JsonObject event = event("recv");
        event.addProperty("bytes", since.bytes);
        event.addProperty("msgs", since.messages);
        event.addProperty("ms", millis(since.lastNanos - since.firstNanos));
        event.addProperty("firstLen", since.firstBytes);
        tell.accept(event);
    }

    @Override
    public void close() {
        connection.close();
    }
}
