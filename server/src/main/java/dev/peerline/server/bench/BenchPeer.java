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

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A data-channel peer that does what it is told, and tells what it has measured: the JSON of {@code
 * bench datachannel-peer}. Commands come one at a time; events may come from any thread.
 */
final class BenchPeer implements AutoCloseable {
    /** The channel that commands are about if they name no other. */
    static final String BULK = "bench";

    /** A channel whose messages the answerer always sends back. */
    private static final String QUIET = "quiet";

    private static final long PATIENCE_SECONDS = 60;

    private final Consumer<JsonObject> tell;
    private final PeerConnection connection;
    private final CompletableFuture<Void> gathered = new CompletableFuture<>();
    private final Map<String, DataChannel> channels = new ConcurrentHashMap<>();
    private final Map<String, Semaphore> pongs = new ConcurrentHashMap<>();
    private final long startedNanos = System.nanoTime();
    private volatile boolean echo;
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

    void offer(List<String> labels, boolean trickle) throws Exception {
        for (String label : labels)
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
        channels.put(opened.label(), opened);
        opened.onMessage(message -> received(opened, message))
                .onClose(() -> tell.accept(event("close")))
                .onOpen(
                        () -> {
                            if (opened.label().equals(QUIET)) return;
                            JsonObject event = event("open");
                            event.addProperty("label", opened.label());
                            event.addProperty("ms", millis(System.nanoTime() - startedNanos));
                            tell.accept(event);
                        });
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private DataChannel open(String label) {
        DataChannel current = channels.get(label);
        if (current == null) throw new IllegalStateException("there is no channel " + label);
        return current;
    }

    // --- messages -------------------------------------------------------------------------------

    /** On the network's thread. */
    private void received(DataChannel from, Message message) {
        Semaphore pong = pongs.get(from.label());
        if (pong != null) {
            pong.release();
            return;
        }
        if (message.isText()) {
            JsonObject event = event("text");
            event.addProperty("data", message.text());
            tell.accept(event);
            if (echo) sendBack(from, message);
        } else if (echo || from.label().equals(QUIET)) {
            sendBack(from, message);
        } else {
            count = count.plus(message.data().length, System.nanoTime());
        }
    }

    private static void sendBack(DataChannel to, Message message) {
        var _ = message.isText() ? to.send(message.text()) : to.send(message.data());
    }

    void mode(boolean repeats) {
        echo = repeats;
        count = new Count(0, 0, 0, 0, 0);
        tell.accept(event("ok"));
    }

    void text(String text) throws Exception {
        open(BULK).send(text).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** As fast as the channel takes them, on a thread of its own. */
    void send(int size, double seconds) {
        start(() -> sendNow(open(BULK), size, seconds));
    }

    private void sendNow(DataChannel to, int size, double seconds) throws Exception {
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) data[i] = (byte) (i * 31);
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        long messages = 0;
        while (System.nanoTime() < end) {
            to.send(data).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            messages++;
        }
        double took = millis(System.nanoTime() - start);
        for (int i = 0; i < 500 && to.bufferedAmount() > 0; i++) TimeUnit.MILLISECONDS.sleep(10);
        JsonObject event = event("sent");
        event.addProperty("msgs", messages);
        event.addProperty("bytes", messages * size);
        event.addProperty("ms", took);
        event.addProperty("left", to.bufferedAmount());
        tell.accept(event);
    }

    /** One message there and back at a time, on a thread of its own. */
    void ping(int times, int size, String label) {
        start(() -> pingNow(open(label), times, size));
    }

    private void pingNow(DataChannel to, int times, int size) throws Exception {
        byte[] data = new byte[size];
        long[] took = new long[times];
        Semaphore pong = new Semaphore(0);
        pongs.put(to.label(), pong);
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            long sent = System.nanoTime();
            var _ = to.send(data);
            if (!pong.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS))
                throw new IllegalStateException("no answer to ping " + i);
            took[i] = System.nanoTime() - sent;
        }
        double mean = (System.nanoTime() - start) / 1e3 / times;
        pongs.remove(to.label());
        Arrays.sort(took);
        JsonObject event = event("rtt");
        event.addProperty("n", times);
        event.addProperty("mean_us", mean);
        event.addProperty("p50_us", took[times / 2] / 1e3);
        event.addProperty("p99_us", took[times * 99 / 100] / 1e3);
        tell.accept(event);
    }

    private interface Task {
        void run() throws Exception;
    }

    private void start(Task task) {
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                task.run();
                            } catch (Exception problem) {
                                JsonObject event = event("error");
                                event.addProperty("msg", String.valueOf(problem));
                                tell.accept(event);
                            }
                        });
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
