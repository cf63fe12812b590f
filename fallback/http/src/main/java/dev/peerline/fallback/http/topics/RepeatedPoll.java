package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.CursorText;

import io.undertow.util.HeaderMap;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A poll that was granted, as its client wrote it: whoever writes the same with another cursor asks
 * for the same from there on. Immutable.
 */
final class RepeatedPoll {
    private static final byte[] METHOD = ascii("GET ");
    private static final byte[] HEAD_END = ascii("\r\n\r\n");
    private static final int MAX_CURSOR_BYTES = 64;

    private final byte[] request;

    /** What stands before the cursor, and behind it, in bytes. */
    private final int before;

    private final int behind;
    private final Subscription asked;
    private final HeaderMap answerHeaders;

    private RepeatedPoll(
            byte[] request, int before, int behind, Subscription asked, HeaderMap answerHeaders) {
        this.request = request;
        this.before = before;
        this.behind = behind;
        this.asked = asked;
        this.answerHeaders = answerHeaders;
    }

    /**
     * A poll to be recognised by, or null where it cannot be.
     *
     * @param request all of its bytes, which {@link #isWhole}
     * @param answerHeaders what its answer had besides those of all polls
     */
    static @Nullable RepeatedPoll of(byte[] request, Subscription asked, HeaderMap answerHeaders) {
        byte[] cursor = ascii(asked.after());
        int lineEnd = find(ascii("\r\n"), request, 0);
        for (String parameter : new String[] {"?after=", "&after="}) {
            int at = find(ascii(parameter), request, 0);
            int begin = at + parameter.length();
            int end = begin + cursor.length;
            if (at < 0 || end >= lineEnd || find(cursor, request, begin) != begin) continue;
            if (request[end] != '&' && request[end] != ' ') continue;
            return new RepeatedPoll(request, begin, request.length - end, asked, answerHeaders);
        }
        return null;
    }

    /** Whether these bytes are one request to read, and nothing else. */
    static boolean isWhole(byte[] bytes) {
        int end = find(HEAD_END, bytes, 0);
        return find(METHOD, bytes, 0) == 0 && end >= 0 && end + HEAD_END.length == bytes.length;
    }

    /** What such a request asks for; null for one that is not such. */
    @Nullable Subscription asked(ByteBuffer bytes) {
        int begin = bytes.position() + before;
        int end = bytes.limit() - behind;
        int length = end - begin;
        if (length < 1 || length > MAX_CURSOR_BYTES) return null;
        ByteBuffer same = ByteBuffer.wrap(request);
        if (!bytes.slice(bytes.position(), before).equals(same.slice(0, before))) return null;
        if (!bytes.slice(end, behind).equals(same.slice(request.length - behind, behind)))
            return null;
        byte[] text = new byte[length];
        bytes.get(begin, text);
        String cursor = new String(text, StandardCharsets.ISO_8859_1);
        return CursorText.parse(cursor) == null ? null : asked.from(cursor);
    }

    HeaderMap answerHeaders() {
        return answerHeaders;
    }

    private static int find(byte[] wanted, byte[] in, int from) {
        for (int at = from; at + wanted.length <= in.length; at++) {
            if (Arrays.equals(in, at, at + wanted.length, wanted, 0, wanted.length)) return at;
        }
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
