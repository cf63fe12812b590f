package dev.peerline.fallback.http.topics;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The answer to a long poll as HTTP/1.1 writes it (RFC 9112 §2.1), head and body in one. Undertow
 * makes a head for each answer and writes two buffers; of many polls that waited for the same, all
 * get these bytes, with one write. Not thread-safe.
 */
final class SharedAnswer {
    static final String CONTENT_TYPE = "application/json";
    static final String CACHE_CONTROL = "no-store";

    private static final String LINE_END = "\r\n";

    /** What was in the head before: it is of the request, and may be another for another. */
    private final HeaderMap front;

    private final ByteBuffer bytes;

    /**
     * The answer to a request that {@link #isFor} holds for, and to those that are like it.
     *
     * @param front headers that its answer has besides those of all polls
     * @param date now (RFC 9110 §5.6.7)
     * @param scratch where it stands when it is for many; null for one
     */
    SharedAnswer(HeaderMap front, ByteBuffer body, String date, @Nullable Scratch scratch) {
        this.front = front;
        StringBuilder head = new StringBuilder("HTTP/1.1 200 OK").append(LINE_END);
        for (HeaderValues values : front) {
            for (String value : values) line(head, values.getHeaderName().toString(), value);
        }
        line(head, Headers.CONTENT_TYPE_STRING, CONTENT_TYPE);
        line(head, Headers.CACHE_CONTROL_STRING, CACHE_CONTROL);
        line(head, Headers.CONNECTION_STRING, Headers.KEEP_ALIVE.toString());
        line(head, Headers.CONTENT_LENGTH_STRING, Integer.toString(body.remaining()));
        line(head, Headers.DATE_STRING, date);
        byte[] start = head.append(LINE_END).toString().getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer whole =
                ByteBuffer.allocate(start.length + body.remaining()).put(start).put(body).flip();
        bytes = scratch == null ? whole : scratch.copy(whole);
    }

    private static void line(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append(LINE_END);
    }

    /** Whether a request is one whose answer goes as it stands here to its connection. */
    static boolean isFor(HttpServerExchange exchange) {
        return exchange.isHttp11()
                && exchange.isPersistent()
                && exchange.getConnection() instanceof HttpServerConnection connection
                && connection.getPipelineBuffer() == null;
    }

    /** Whether it is the answer to another request too, whose answer has these headers. */
    boolean fits(HeaderMap other) {
        return same(front, other);
    }

    /** Whether two say the same, each name once. */
    static boolean same(HeaderMap one, HeaderMap other) {
        if (one.equals(other)) return true;
        if (one.size() != other.size()) return false;
        for (HeaderValues mine : one) {
            HeaderValues its = other.get(mine.getHeaderName());
            boolean same = its != null && its.size() == 1 && mine.size() == 1;
            if (!same || !mine.getFirst().equals(its.getFirst())) return false;
        }
        return true;
    }

    /** Head and body. */
    ByteBuffer bytes() {
        return bytes.duplicate();
    }
}
