package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Id;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which carriers of whom are dark, for demonstrations. Thread-safe. */
final class LinkFaults {
    private final Map<Id, Fault> faults = new ConcurrentHashMap<>();

    private record Fault(Set<CarrierKind> kinds, long untilMillis) {}

    /** From now on these kinds and no others; none heals. */
    void set(Id id, Set<CarrierKind> kinds, long untilMillis) {
        if (kinds.isEmpty()) faults.remove(id);
        else faults.put(id, new Fault(EnumSet.copyOf(kinds), untilMillis));
    }

    boolean isEmpty() {
        return faults.isEmpty();
    }

    /** Until when a kind of somebody's carriers is dark; 0 when it is not. */
    long darkUntil(Id id, CarrierKind kind, long nowMillis) {
        Fault fault = faults.get(id);
        if (fault == null || !fault.kinds.contains(kind)) return 0;
        return fault.untilMillis > nowMillis ? fault.untilMillis : 0;
    }

    /** Forgets those whose time is over. */
    void sweep(long nowMillis) {
        faults.values().removeIf(fault -> fault.untilMillis <= nowMillis);
    }
}
