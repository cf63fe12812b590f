package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.ladder.Rung;

import org.jspecify.annotations.Nullable;

/** What worked last on this network, so that the next start need not find out. */
public interface CarrierMemory {
    /** Remembers nothing. */
    CarrierMemory NONE =
            new CarrierMemory() {
                @Override
                public @Nullable Rung worked() {
                    return null;
                }

                @Override
                public void works(Rung rung) {}
            };

    /** Null where nothing is known. */
    @Nullable Rung worked();

    void works(Rung rung);
}
