package dev.peerline.turn.server;

import dev.peerline.turn.allocation.Quotas;
import dev.peerline.turn.allocation.Reservations;
import dev.peerline.turn.policy.OwnAddresses;
import dev.peerline.turn.policy.RateLimit;
import dev.peerline.turn.policy.StrangerLimit;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;

/** What all loops of one relay have in common. Thread-safe. */
public final class Shared {
    private final OwnAddresses own = new OwnAddresses();
    private final Quotas quotas = new Quotas();
    private final Reservations reservations = new Reservations(own);
    private final ConcurrentHashMap<Mobility.Ticket, Mobility.Place> tickets =
            new ConcurrentHashMap<>();
    private final byte[] nonceKey;
    private volatile Settings settings;
    private volatile @Nullable Discovery discovery;
    private volatile RateLimit bandwidth;
    private volatile StrangerLimit strangers;

    /**
     * @param nonceKey random, at least 16 bytes; hashes that nobody may foresee are keyed by it too
     */
    public Shared(Settings settings, byte[] nonceKey, long nowNanos) {
        this.settings = settings;
        this.nonceKey = nonceKey.clone();
        bandwidth = bandwidth(settings, nowNanos);
        strangers = strangers(settings, nowNanos);
        register(settings);
    }

    private StrangerLimit strangers(Settings from, long nowNanos) {
        Limits.Strangers limits = from.limits().strangers();
        return new StrangerLimit(
                ByteBuffer.wrap(nonceKey).getLong(),
                limits.prefixBytesPerSecond(),
                limits.totalBytesPerSecond(),
                limits.loopbackExempt(),
                nowNanos);
    }

    private static RateLimit bandwidth(Settings settings, long nowNanos) {
        long bytes = settings.limits().bandwidth().totalBytesPerSecond();
        return new RateLimit(bytes, bytes, nowNanos);
    }

    private void register(Settings from) {
        for (Settings.Relay relay : from.relays()) {
            own.relayAddress(relay.local(), relay.announced());
        }
    }

    /** From now on; what exists stays. */
    public void settings(Settings newSettings, long nowNanos) {
        register(newSettings);
        Limits old = settings.limits();
        Limits limits = newSettings.limits();
        // What is used up stays used up, unless the limit is another
        if (!limits.bandwidth().equals(old.bandwidth()))
            bandwidth = bandwidth(newSettings, nowNanos);
        if (!limits.strangers().equals(old.strangers()))
            strangers = strangers(newSettings, nowNanos);
        settings = newSettings;
    }

    public Settings settings() {
        return settings;
    }

    /** The listeners for behaviour discovery; null without. */
    public @Nullable Discovery discovery() {
        return discovery;
    }

    public void discovery(Discovery listeners) {
        discovery = listeners;
    }

    public OwnAddresses own() {
        return own;
    }

    public Quotas quotas() {
        return quotas;
    }

    public Reservations reservations() {
        return reservations;
    }

    /** Where the allocations are that may move. */
    ConcurrentHashMap<Mobility.Ticket, Mobility.Place> tickets() {
        return tickets;
    }

    RateLimit bandwidth() {
        return bandwidth;
    }

    public StrangerLimit strangers() {
        return strangers;
    }

    byte[] nonceKey() {
        return nonceKey.clone();
    }
}
