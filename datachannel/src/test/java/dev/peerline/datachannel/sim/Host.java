package dev.peerline.datachannel.sim;

import org.jspecify.annotations.Nullable;

/** What stands at an end of a link: bytes and the time in, bytes and a deadline out. */
public interface Host {
    void receive(byte[] packet, long nowNanos);

    void advance(long nowNanos);

    long deadlineNanos();

    /** The next packet, or null. */
    byte @Nullable [] transmit(long nowNanos);
}
