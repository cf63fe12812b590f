package dev.peerline.server.metrics;

import java.util.Locale;

/** What requests are counted by: a fixed number of labels, whatever people ask for. */
public enum Route {
    PAGE,
    ASSET,
    SDK,
    LINK,
    TOPICS,
    ICE_SERVERS,
    CONFIG,
    DEMO_TOKEN,
    DEMO_FAULTS,
    TICKETS,
    COMPARE,
    HEALTH,
    METRICS,
    OTHER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
