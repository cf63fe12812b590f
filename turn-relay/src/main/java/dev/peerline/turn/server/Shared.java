package dev.peerline.turn.server;

import dev.peerline.turn.allocation.Quotas;
import dev.peerline.turn.allocation.Reservations;
import dev.peerline.turn.policy.OwnAddresses;
import dev.peerline.turn.policy.RateLimit;

/** What all loops of one relay have in common. Thread-safe. */
public final class Shared {
    private final OwnAddresses own = new OwnAddresses();
    private final Quotas quotas = new Quotas();
    private final Reservations reservations = new Reservations(own);
    private final byte[] nonceKey;
    private volatile Settings settings;
    private volatile RateLimit bandwidth;

    /**
     * @param nonceKey random, at least 16 bytes
     */
    public Shared(Settings settings, byte[] nonceKey, long nowNanos) {
        this.settings = settings;
        this.nonceKey = nonceKey.clone();
        bandwidth = bandwidth(settings, nowNanos);
        register(settings);
    }

    private static RateLimit bandwidth(Settings settings, long nowNanos) {
        long bytes = settings.limits().totalBytesPerSecond();
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
        bandwidth = bandwidth(newSettings, nowNanos);
        settings = newSettings;
    }

    public Settings settings() {
        return settings;
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

    RateLimit bandwidth() {
        return bandwidth;
    }

    byte[] nonceKey() {
        return nonceKey.clone();
    }
}
