package dev.peerline.server.metrics;

import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.signaling.rooms.Rooms;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * All that {@code /metrics} tells. Labels come from closed sets, never from clients. Thread-safe;
 * counting takes no lock.
 */
public final class Metrics implements LinkMetrics {
    private final Map<Counter, LongAdder> link = adders(Counter.class);
    private final Map<CarrierKind, LongAdder> opened = adders(CarrierKind.class);
    private final Map<CarrierKind, LongAdder> closed = adders(CarrierKind.class);
    private final Map<ErrorCode, LongAdder> linkRefused = adders(ErrorCode.class);
    private final Map<Route, LongAdder[]> requests = new EnumMap<>(Route.class);
    private final Map<Refused, LongAdder> refused = adders(Refused.class);
    private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();
    private final List<Supplier<String>> parts = new CopyOnWriteArrayList<>();
    private final LongAdder demoTokens = new LongAdder();
    private final LongAdder faults = new LongAdder();
    private volatile Supplier<Rooms.Gauges> rooms = () -> new Rooms.Gauges(0, 0, 0, 0);

    /** Why HTTP requests and connections are refused. */
    public enum Refused {
        FORBIDDEN_HOST,
        FORBIDDEN_ORIGIN,
        UNAUTHORIZED,
        TOKEN_EXPIRED,
        FORBIDDEN_SCOPE,
        RATE_LIMITED,
        TOO_MANY_CONNECTIONS
    }

    /** Counters at 0, and no gauges. */
    public Metrics() {
        for (Route route : Route.values()) {
            LongAdder[] classes = new LongAdder[5];
            for (int index = 0; index < classes.length; index++) classes[index] = new LongAdder();
            requests.put(route, classes);
        }
    }

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) adders.put(constant, new LongAdder());
        return adders;
    }

    @Override
    public void count(Counter counter, long amount) {
        of(link, counter).add(amount);
    }

    @Override
    public void opened(CarrierKind kind) {
        of(opened, kind).increment();
    }

    @Override
    public void closed(CarrierKind kind) {
        of(closed, kind).increment();
    }

    @Override
    public void refused(ErrorCode code) {
        of(linkRefused, code).increment();
    }

    /** A request was answered. */
    public void request(Route route, int status) {
        LongAdder[] classes = requests.get(route);
        if (classes != null && status >= 100 && status < 600) classes[status / 100 - 1].increment();
    }

    /** A request or a connection was turned away. */
    public void refused(Refused reason) {
        of(refused, reason).increment();
    }

    /** {@code --open-demo} opened a room. */
    public void demoToken() {
        demoTokens.increment();
    }

    /** A handler failed by our own fault. */
    public void fault() {
        faults.increment();
    }

    /** A number that is asked for when it is told; the name is without {@code peerline_}. */
    public void gauge(String name, LongSupplier value) {
        gauges.put(name, value);
    }

    /** Text for Prometheus that another part writes. */
    public void part(Supplier<String> text) {
        parts.add(text);
    }

    /** Where the numbers of rooms come from. */
    public void rooms(Supplier<Rooms.Gauges> source) {
        rooms = source;
    }

    private static <K> LongAdder of(Map<K, LongAdder> adders, K key) {
        LongAdder adder = adders.get(key);
        if (adder == null) throw new AssertionError(key);
        return adder;
    }

    /** Everything, in the text format 0.0.4 of Prometheus. */
    public String text(String version) {
        Exposition out = new Exposition();
        out.family("peerline_build_info", "gauge", "The version that runs.");
        out.sample("peerline_build_info", "version", version, 1);
        http(out);
        rooms(out);
        for (Map.Entry<String, LongSupplier> gauge : new TreeMap<>(gauges).entrySet())
            out.single("peerline_" + gauge.getKey(), "gauge", gauge.getValue().getAsLong());
        link.forEach((counter, sum) -> out.single(name(counter), "counter", sum.sum()));
        carriers(out, "peerline_link_carriers_opened_total", opened);
        carriers(out, "peerline_link_carriers_closed_total", closed);
        out.family("peerline_link_refused_total", "counter", "Carriers ended with an ERROR.");
        linkRefused.forEach(
                (code, sum) ->
                        out.sample("peerline_link_refused_total", "code", code.name(), sum.sum()));
        JvmMetrics.write(out);
        StringBuilder text = new StringBuilder(out.toString());
        parts.forEach(part -> text.append(part.get()));
        return text.toString();
    }

    private static void carriers(Exposition out, String name, Map<CarrierKind, LongAdder> sums) {
        out.family(name, "counter", "Ways down; each poll is one.");
        sums.forEach(
                (kind, sum) -> {
                    String label = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
                    if (kind != CarrierKind.NONE) out.sample(name, "kind", label, sum.sum());
                });
    }

    private static String name(Counter counter) {
        return "peerline_link_" + counter.name().toLowerCase(Locale.ROOT) + "_total";
    }

    private void http(Exposition out) {
        out.family("peerline_http_requests_total", "counter", "Requests answered.");
        requests.forEach(
                (route, classes) -> {
                    for (int index = 0; index < classes.length; index++) {
                        long sum = classes[index].sum();
                        if (sum > 0)
                            out.sample(
                                    "peerline_http_requests_total{route=\"%s\",status=\"%dxx\"}"
                                            .formatted(route, index + 1),
                                    sum);
                    }
                });
        out.family("peerline_http_refused_total", "counter", "Requests and connections refused.");
        refused.forEach(
                (reason, sum) ->
                        out.sample(
                                "peerline_http_refused_total", "code", reason.name(), sum.sum()));
        out.single("peerline_http_faults_total", "counter", faults.sum());
        out.single("peerline_demo_tokens_total", "counter", demoTokens.sum());
    }

    private void rooms(Exposition out) {
        Rooms.Gauges now = rooms.get();
        out.single("peerline_rooms", "gauge", now.rooms());
        out.family("peerline_peers", "gauge", "Peers in all rooms.");
        out.sample("peerline_peers", "state", "here", now.peersHere());
        out.sample("peerline_peers", "state", "away", now.peersAway());
        out.single("peerline_mailbox_bytes", "gauge", now.mailboxBytes());
    }
}
