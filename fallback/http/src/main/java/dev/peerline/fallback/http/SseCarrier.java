package dev.peerline.fallback.http;

import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.ErrorCode;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/** One stream of server-sent events: an event a packet, a comment when there is nothing to say. */
final class SseCarrier extends HttpCarrier {
    private static final HttpString ACCEL_BUFFERING = HttpString.tryFromString("X-Accel-Buffering");

    /** What buffers until it has this much passes on all that follows. */
    private static final int PRELUDE_BYTES = 2 * 1024;

    private static final Bytes PRELUDE = Bytes.utf8(":" + " ".repeat(PRELUDE_BYTES - 3) + "\n\n");
    private static final Bytes HEARTBEAT = Bytes.utf8(":\n\n");

    private volatile long heardMillis;
    private volatile long writtenMillis;

    // Only the I/O thread's from here on.
    private @Nullable StreamSinkChannel sink;
    private @Nullable ByteBuffer rest;
    private boolean preluded;

    SseCarrier(LinkHandler link, Visitor visitor, HttpServerExchange exchange) {
        super(link, visitor, exchange);
        heardMillis = openedMillis();
        writtenMillis = openedMillis();
    }

    @Override
    public CarrierKind kind() {
        return CarrierKind.SSE;
    }

    @Override
    public void heard() {
        heardMillis = link().nowMillis();
    }

    @Override
    void start() {
        exchange()
                .getResponseHeaders()
                .put(Headers.CONTENT_TYPE, "text/event-stream")
                .put(Headers.CACHE_CONTROL, "no-cache, no-transform")
                .put(ACCEL_BUFFERING, "no");
        sink = exchange().getResponseChannel();
        sink.getWriteSetter().set(_ -> writeOn());
    }

    @Override
    @Nullable Bytes beside(long nowMillis) {
        return beatIsDue(nowMillis) ? HEARTBEAT : null;
    }

    private boolean beatIsDue(long nowMillis) {
        return nowMillis - writtenMillis >= limits().ping().toMillis();
    }

    @Override
    @Nullable Ending overdue(long now) {
        if (now - heardMillis > 3 * limits().ping().toMillis()) {
            return Ending.because(ErrorCode.SILENT, "Nothing was heard for three pings.");
        }
        if (beatIsDue(now)) wake();
        return super.overdue(now);
    }

    @Override
    void sendOn(Bytes packet) {
        writtenMillis = link().nowMillis();
        // No packet begins with its first byte, an unknown type that servers do not send.
        rest = packet.equals(HEARTBEAT) ? packet.buffer() : event(packet);
        writeOn();
    }

    private void writeOn() {
        ByteBuffer bytes = rest;
        StreamSinkChannel channel = Objects.requireNonNull(sink);
        if (bytes == null) {
            channel.suspendWrites();
            return;
        }
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    channel.resumeWrites();
                    return;
                }
            }
            if (!channel.flush()) {
                channel.resumeWrites();
                return;
            }
        } catch (IOException _) {
            rest = null;
            broken();
            return;
        }
        rest = null;
        channel.suspendWrites();
        sent();
    }

    private ByteBuffer event(Bytes packet) {
        DownReader reader = door().reader();
        Cursor cursor = reader == null ? null : reader.cursor();
        String id = cursor == null ? "" : "id: " + cursor.epoch() + "-" + cursor.offset() + "\n";
        byte[] head = (id + "data: ").getBytes(StandardCharsets.US_ASCII);
        byte[] data = Base64.getEncoder().encode(packet.toArray());
        Bytes prelude = preluded ? Bytes.EMPTY : PRELUDE;
        preluded = true;
        return ByteBuffer.allocate(prelude.length() + head.length + data.length + 2)
                .put(prelude.buffer())
                .put(head)
                .put(data)
                .put((byte) '\n')
                .put((byte) '\n')
                .flip();
    }

    @Override
    void hangUpOn() {
        exchange().endExchange();
    }
}
