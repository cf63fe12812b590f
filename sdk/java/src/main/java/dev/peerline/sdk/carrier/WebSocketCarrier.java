package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** One WebSocket as a carrier: binary messages are packets. */
public final class WebSocketCarrier implements Carrier {
    private static final String SUBPROTOCOL = "peerline.1";

    /** A packet has at most 256 KiB: more is no server of ours. */
    private static final int MAX_MESSAGE_BYTES = 1 << 20;

    private static final int DONE = 1000;
    private static final int TAKEN_OVER = 4000;

    /** What it may hold before the session keeps the rest. */
    private static final int MAX_BUFFERED_BYTES = 1 << 20;

    private final Executor loop;
    private final Events events;

    /** {@link WebSocket} sends one message at a time. */
    private final Deque<Bytes> waiting = new ArrayDeque<>();

    private @Nullable WebSocket socket;
    private boolean sending;
    private long bufferedBytes;
    private boolean ended;

    private WebSocketCarrier(Executor loop, Events events) {
        this.loop = loop;
        this.events = events;
    }

    /**
     * Connects.
     *
     * @param link {@code ws:} or {@code wss:}
     * @param loop where events are told
     */
    public static Carrier open(HttpClient client, URI link, Executor loop, Events events) {
        WebSocketCarrier carrier = new WebSocketCarrier(loop, events);
        var _ =
                client.newWebSocketBuilder()
                        .subprotocols(SUBPROTOCOL)
                        .buildAsync(link, carrier.new Listener())
                        .whenComplete(
                                (socket, problem) ->
                                        loop.execute(() -> carrier.connected(socket, problem)));
        return carrier;
    }

    private void connected(@Nullable WebSocket fresh, @Nullable Throwable problem) {
        if (fresh == null) {
            fail(problem);
            return;
        }
        socket = fresh;
        if (ended) {
            fresh.abort();
            return;
        }
        send(events.greeting());
        events.opened();
    }

    @Override
    public ClientSession.Way way() {
        return ClientSession.Way.SOCKET;
    }

    @Override
    public boolean ready() {
        return bufferedBytes <= MAX_BUFFERED_BYTES;
    }

    @Override
    public long bufferedBytes() {
        return bufferedBytes;
    }

    @Override
    public void send(Bytes packet) {
        if (ended) return;
        waiting.add(packet);
        bufferedBytes += packet.length();
        if (!sending) sendNext();
    }

    private void sendNext() {
        Bytes packet = waiting.poll();
        WebSocket open = socket;
        if (packet == null || open == null) return;
        sending = true;
        var _ =
                open.sendBinary(packet.buffer(), true)
                        .whenComplete((_, problem) -> loop.execute(() -> sent(packet, problem)));
    }

    private void sent(Bytes packet, @Nullable Throwable problem) {
        sending = false;
        boolean full = !ready();
        bufferedBytes -= packet.length();
        if (problem != null) {
            fail(problem);
            return;
        }
        sendNext();
        if (full && ready() && !ended) events.changed();
    }

    @Override
    public void close() {
        if (ended) return;
        ended = true;
        WebSocket open = socket;
        if (open == null) return;
        // What was sent goes first; then nobody waits for the other side.
        var _ = open.sendClose(DONE, "").whenComplete((_, _) -> open.abort());
    }

    private void fail(@Nullable Throwable problem) {
        end(Failures.end(problem), Failures.ABNORMAL, Failures.reason(problem));
    }

    private void end(int code, String why) {
        end(code == TAKEN_OVER ? CarrierEnd.OVERTAKEN : CarrierEnd.LOST, code, why);
    }

    private void end(CarrierEnd how, int code, String why) {
        if (ended) return;
        ended = true;
        waiting.clear();
        bufferedBytes = 0;
        if (socket != null) socket.abort();
        events.closed(how, code, why);
    }

    /** Called by the client one at a time, whichever thread it is on. */
    private final class Listener implements WebSocket.Listener {
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();

        @Override
        public void onOpen(WebSocket webSocket) {
            webSocket.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket webSocket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            if (message.size() + part.length > MAX_MESSAGE_BYTES) {
                loop.execute(() -> end(Failures.ABNORMAL, "a message of more than 1 MiB"));
                return null;
            }
            if (!last) {
                message.writeBytes(part);
                webSocket.request(1);
                return null;
            }
            Bytes packet = Bytes.of(message.size() == 0 ? part : whole(part));
            // The next is asked for when this one is taken: what is not read waits at the server.
            loop.execute(
                    () -> {
                        if (!ended) events.packet(packet);
                        webSocket.request(1);
                    });
            return null;
        }

        private byte[] whole(byte[] lastPart) {
            message.writeBytes(lastPart);
            byte[] all = message.toByteArray();
            message.reset();
            return all;
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket webSocket, CharSequence data, boolean last) {
            loop.execute(() -> end(Failures.ABNORMAL, "a text message"));
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String why) {
            loop.execute(() -> end(code, why));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            loop.execute(() -> fail(error));
        }
    }
}
