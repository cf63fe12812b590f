package dev.peerline.fallback.link.ladder;

import org.jspecify.annotations.Nullable;

/** What a {@link CarrierLadder} wants done. */
public sealed interface CarrierAction {
    /**
     * Open a carrier.
     *
     * @param dial its number
     */
    record Dial(int dial, Rung rung) implements CarrierAction {}

    /** Close one. */
    record Close(int dial) implements CarrierAction {}

    /** Ask the present one for a sign of life. */
    record Ping() implements CarrierAction {}

    /**
     * Tell that another is the present one.
     *
     * @param from null for the first, and after a time without
     */
    record Move(@Nullable Rung from, Rung to, String reason) implements CarrierAction {}

    /** What worked on this network, for the next start. */
    record Remember(Rung rung) implements CarrierAction {}
}
