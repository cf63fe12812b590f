package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.ladder.Rung;

/** What opens carriers. */
@FunctionalInterface
public interface Carriers {
    /** Begins to open one; its events come later. */
    Carrier open(Rung rung, Carrier.Events events);
}
