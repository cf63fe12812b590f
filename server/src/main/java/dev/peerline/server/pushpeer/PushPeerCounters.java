package dev.peerline.server.pushpeer;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What {@code /metrics} tells of the server as a peer. Thread-safe. */
public final class PushPeerCounters {
    private static final String SETUPS = "peerline_push_peer_setups_total";

    /** What became of an offer. */
    public enum Result {
        /** There is a channel. */
        OPENED,
        /** It was not answered: a limit, or no offer of a data channel. */
        REFUSED,
        /** It was answered, and no channel came of it in time. */
        FAILED
    }

    private final Map<Result, LongAdder> setups = new EnumMap<>(Result.class);

    public PushPeerCounters() {
        for (Result result : Result.values()) setups.put(result, new LongAdder());
    }

    /** Counts one. */
    public void count(Result result) {
        LongAdder adder = setups.get(result);
        if (adder != null) adder.increment();
    }

    /** Everything, in the text format 0.0.4 of Prometheus. */
    public String text() {
        StringBuilder out = new StringBuilder();
        out.append("# HELP ").append(SETUPS).append(" What became of offers.\n");
        out.append("# TYPE ").append(SETUPS).append(" counter\n");
        setups.forEach(
                (result, sum) ->
                        out.append(SETUPS)
                                .append("{result=\"")
                                .append(result.name().toLowerCase(Locale.ROOT))
                                .append("\"} ")
                                .append(sum.sum())
                                .append('\n'));
        return out.toString();
    }
}
