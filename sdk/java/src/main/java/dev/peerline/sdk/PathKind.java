package dev.peerline.sdk;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How messages travel to a peer; the best first. */
public enum PathKind {
    /** A WebRTC data channel between the two. */
    DIRECT,
    /** The same through a TURN relay. */
    RELAYED,
    /** Through the server, by a data channel to it. */
    DATA_CHANNEL,
    /** Through the server, by WebSocket. */
    WEBSOCKET,
    /** Through the server, down by server-sent events and up by POST. */
    SSE,
    /** Through the server, down by requests that wait and up by POST. */
    LONG_POLL,
    /** Through the server, down by requests again and again and up by POST. */
    POLL;

    /** Such as {@code long-poll}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Reads {@link #text}.
     *
     * @throws IllegalArgumentException that names all there are
     */
    public static PathKind parse(String text) {
        for (PathKind kind : values()) {
            if (kind.text().equals(text)) return kind;
        }
        String all = Arrays.stream(values()).map(PathKind::text).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("\"%s\" is no path: %s".formatted(text, all));
    }

    /** Whether it goes through the server. */
    public boolean throughServer() {
        return compareTo(DATA_CHANNEL) >= 0;
    }

    /** The lower rung of two. */
    public static PathKind lower(PathKind one, PathKind other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
