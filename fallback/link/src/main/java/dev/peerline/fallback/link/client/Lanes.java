package dev.peerline.fallback.link.client;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** The carriers of a session: those that greet, and the one that was welcomed. Not thread-safe. */
final class Lanes {
    private final Map<Integer, Lane> all = new HashMap<>();
    private @Nullable Lane present;
    private int newest;
    private long attempt;

    Lane open(ClientSession.Way way, long nowNanos) {
        Lane lane = new Lane(++newest, way, nowNanos);
        all.put(newest, lane);
        return lane;
    }

    @Nullable Lane find(int number) {
        return all.get(number);
    }

    /** The one that was welcomed. */
    @Nullable Lane present() {
        return present;
    }

    void welcomed(Lane lane) {
        present = lane;
    }

    /** Tells whether it was the present one. */
    boolean close(int number) {
        Lane closed = all.remove(number);
        if (closed == null || closed != present) return false;
        present = null;
        return true;
    }

    /** The one that was opened last, while none is welcome; null when it is gone. */
    @Nullable Lane greeting() {
        return present == null ? all.get(newest) : null;
    }

    long nextAttempt() {
        return ++attempt;
    }

    /** Whether the server reads a newer one. */
    boolean overtaken(Lane lane) {
        return lane.attempt < presentAttempt();
    }

    /** Whether one greets that would take the reading over from the present one. */
    boolean challenged() {
        long holds = presentAttempt();
        for (Lane lane : all.values()) {
            if (lane.attempt > holds) return true;
        }
        return false;
    }

    private long presentAttempt() {
        return present == null ? 0 : present.attempt;
    }
}
