package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.UpFrame;

import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;

import org.jspecify.annotations.Nullable;

import java.util.Base64;
import java.util.List;

/** The header {@code Peerline-Hello}: a packet in base64url. */
public final class HelloHeader {
    private static final HttpString NAME = HttpString.tryFromString("Peerline-Hello");

    private HelloHeader() {}

    /**
     * The packet of a request; null when there is none, more than one, or one that is malformed.
     */
    public static @Nullable Bytes packet(HeaderMap headers) {
        HeaderValues values = headers.get(NAME);
        if (values == null || values.size() != 1 || values.getFirst().isEmpty()) return null;
        try {
            return Bytes.of(Base64.getUrlDecoder().decode(values.getFirst()));
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** Who proves by it to be somebody's id; null when nobody does. */
    public static @Nullable Hello proof(HeaderMap headers) {
        Bytes packet = packet(headers);
        if (packet == null) return null;
        return UpFrame.readAll(packet) instanceof Parsed.Good<List<UpFrame>>(List<UpFrame> frames)
                        && !frames.isEmpty()
                        && frames.getFirst() instanceof Hello hello
                ? hello
                : null;
    }
}
