package dev.peerline.signaling.rooms.room;

import org.jspecify.annotations.Nullable;

/**
 * What a client was told in its last {@code WELCOME}, as far as that can change while it polls.
 *
 * @param polling whether it polled then: who comes from another kind of carrier is told anew
 * @param atMillis when
 */
record Told(String name, long expiresAtMillis, boolean polling, long atMillis) {
    /** The credentials of ICE servers in it are good for an hour. */
    private static final long AGAIN_MILLIS = 20 * 60_000;

    boolean addsNothingTo(@Nullable Told last) {
        return last != null
                && name.equals(last.name)
                && expiresAtMillis == last.expiresAtMillis
                && polling == last.polling
                && atMillis - last.atMillis < AGAIN_MILLIS;
    }
}
