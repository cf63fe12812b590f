package dev.peerline.sdk;

/** A listener that was added; closing removes it. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /** The listener is not called again, but for an event that is just being handed over. */
    @Override
    void close();
}
