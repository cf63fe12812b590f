package dev.peerline.sdk;

import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.sdk.driver.CarrierMemory;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** What worked last, by server and network, for as long as the process lives. Thread-safe. */
final class WorkingCarriers {
    private static final long KEPT_NANOS = Duration.ofHours(1).toNanos();
    private static final int MAX_PLACES = 64;

    private final LongSupplier clock;
    private final Map<String, Success> places =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Success> eldest) {
                    return size() > MAX_PLACES;
                }
            };

    private record Success(Rung rung, long atNanos) {}

    WorkingCarriers(LongSupplier clock) {
        this.clock = clock;
    }

    /** The memory of one server on one network. */
    CarrierMemory of(String server, String network) {
        String place = server + " " + network;
        return new CarrierMemory() {
            @Override
            public @Nullable Rung worked() {
                return find(place);
            }

            @Override
            public void works(Rung rung) {
                put(place, rung);
            }
        };
    }

    private synchronized @Nullable Rung find(String place) {
        Success success = places.get(place);
        if (success == null || clock.getAsLong() - success.atNanos() >= KEPT_NANOS) return null;
        return success.rung();
    }

    private synchronized void put(String place, Rung rung) {
        places.remove(place);
        places.put(place, new Success(rung, clock.getAsLong()));
    }
}
