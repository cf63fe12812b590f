package dev.peerline.server;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One WebSocket to {@code /v1/link}: what comes is kept in the order it came. */
final class LinkClient implements AutoCloseable, WebSocket.Listener {
    private static final int PATIENCE_SECONDS = 10;

    /** The socket was closed. */
    record Closed(int code) {}

    private final HttpClient http = HttpClient.newHttpClient();
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final WebSocket socket;

    LinkClient(int port) {
        socket =
                http.newWebSocketBuilder()
                        .subprotocols("peerline.1")
                        .buildAsync(URI.create("ws://127.0.0.1:" + port + "/v1/link"), this)
                        .join();
    }

    static Hello hello(String room, String name, @Nullable String token) {
        Bytes key = Bytes.utf8((name + "-".repeat(32)).substring(0, 32));
        return new Hello(room, key, 1, token, name, null, 1, 0);
    }

    static Bytes packet(UpFrame frame) {
        return new WireWriter().frame(frame).take();
    }

    void send(UpFrame frame) {
        socket.sendBinary(ByteBuffer.wrap(packet(frame).toArray()), true).join();
    }

    /** The next frame of this kind, or {@link Closed}; others are passed over. */
    <T> T next(Class<T> type) throws InterruptedException {
        for (Object event = poll(); ; event = poll()) {
            if (type.isInstance(event)) return type.cast(event);
            if (event instanceof Closed closed) throw new AssertionError(closed);
        }
    }

    private Object poll() throws InterruptedException {
        Object event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (event == null) throw new AssertionError("nothing came");
        return event;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        partial.writeBytes(bytes);
        if (last) {
            if (DownFrame.readAll(Bytes.of(partial.toByteArray()))
                    instanceof Parsed.Good(List<DownFrame> frames)) events.addAll(frames);
            partial.reset();
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        events.add(new Closed(code));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable problem) {
        events.add(new Closed(1006));
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
    }
}
