package dev.peerline.server.token;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/**
 * What a token allows.
 *
 * @param room the room to join, {@code *} for any, or null for none
 * @param name the name its holder has, whatever it says itself; null leaves it free
 * @param subscribe patterns of topics that may be read
 * @param publish patterns of topics that may be published to
 * @param expires from when on it is worth nothing, in whole seconds
 */
public record Claims(
        @Nullable String room,
        @Nullable String name,
        List<String> subscribe,
        List<String> publish,
        Instant expires) {
    /** The {@link #room} that stands for all. */
    public static final String ANY_ROOM = "*";

    public Claims {
        subscribe = List.copyOf(subscribe);
        publish = List.copyOf(publish);
    }

    /** Whether its holder may join the room. */
    public boolean joins(String name) {
        return ANY_ROOM.equals(room) || name.equals(room);
    }
}
