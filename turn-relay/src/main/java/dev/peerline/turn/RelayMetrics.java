package dev.peerline.turn;

import dev.peerline.turn.server.Counter;

import java.util.Locale;
import java.util.Map;

/**
 * Numbers of a running relay at one moment. No label has a value that somebody outside can choose.
 *
 * @param counters since the start
 * @param allocations alive now
 * @param accounts that have one
 * @param connections open now: TCP, TLS and DTLS
 * @param sendErrors datagrams that the system refused
 */
public record RelayMetrics(
        Map<Counter, Long> counters,
        int allocations,
        int accounts,
        int connections,
        long sendErrors) {
    public RelayMetrics {
        counters = Map.copyOf(counters);
    }

    public long count(Counter counter) {
        return counters.getOrDefault(counter, 0L);
    }

    /** Prometheus' text format. */
    public String prometheus() {
        StringBuilder out = new StringBuilder(2048);
        gauge(out, "allocations", "Allocations alive", allocations);
        gauge(out, "accounts", "Accounts with an allocation", accounts);
        gauge(out, "connections", "Open TCP, TLS and DTLS connections", connections);
        for (Counter counter : Counter.values()) {
            String name = counter.name().toLowerCase(Locale.ROOT);
            line(out, name + "_total", "counter", name.replace('_', ' '), count(counter));
        }
        line(out, "send_errors_total", "counter", "datagrams the system refused", sendErrors);
        return out.toString();
    }

    private static void gauge(StringBuilder out, String name, String help, long value) {
        line(out, name, "gauge", help, value);
    }

    private static void line(StringBuilder out, String name, String type, String help, long value) {
        String full = "peerline_relay_" + name;
        out.append("# HELP ").append(full).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(full).append(' ').append(type).append('\n');
        out.append(full).append(' ').append(value).append('\n');
    }
}
