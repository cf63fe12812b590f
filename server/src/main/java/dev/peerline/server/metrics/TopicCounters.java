package dev.peerline.server.metrics;

import dev.peerline.fallback.http.topics.TopicError;
import dev.peerline.fallback.http.topics.TopicMetrics;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.CarrierKind;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What {@code /metrics} tells of topics. No label is a topic: those are as many as people make. */
public final class TopicCounters implements TopicMetrics {
    /** Those who read by gRPC. */
    static final String GRPC = "grpc";

    private static final List<String> KINDS =
            List.of("data-channel", "websocket", "sse", "long-poll", "poll", GRPC);

    private final LongAdder published = new LongAdder();
    private final LongAdder publishedBytes = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final Map<String, LongAdder> delivered = adders();
    private final Map<String, LongAdder> opened = adders();
    private final Map<String, LongAdder> closed = adders();
    private final Map<TopicError, LongAdder> refused = new EnumMap<>(TopicError.class);
    private final Supplier<Topics.Gauges> gauges;
    private final Metrics requests;

    /**
     * @param gauges what there is now
     * @param requests where requests of HTTP are counted
     */
    public TopicCounters(Supplier<Topics.Gauges> gauges, Metrics requests) {
        this.gauges = gauges;
        this.requests = requests;
        for (TopicError error : TopicError.values()) refused.put(error, new LongAdder());
    }

    private static Map<String, LongAdder> adders() {
        Map<String, LongAdder> adders = new LinkedHashMap<>();
        for (String kind : KINDS) adders.put(kind, new LongAdder());
        return adders;
    }

    private static <K> LongAdder of(Map<K, LongAdder> adders, K key) {
        LongAdder adder = adders.get(key);
        if (adder == null) throw new AssertionError(key);
        return adder;
    }

    @Override
    public void published(int bytes) {
        published.increment();
        publishedBytes.add(bytes);
    }

    @Override
    public void delivered(CarrierKind kind, int messages) {
        delivered(label(kind), messages);
    }

    void delivered(String kind, int messages) {
        of(delivered, kind).add(messages);
    }

    private static String label(CarrierKind kind) {
        return switch (kind) {
            case DATA_CHANNEL -> "data-channel";
            case WEBSOCKET -> "websocket";
            case SSE -> "sse";
            case LONG_POLL -> "long-poll";
            case POLL -> "poll";
            case NONE -> throw new AssertionError("no reader is of no kind");
        };
    }

    @Override
    public void gap() {
        gaps.increment();
    }

    @Override
    public void opened(CarrierKind kind) {
        opened(label(kind));
    }

    void opened(String kind) {
        of(opened, kind).increment();
    }

    @Override
    public void closed(CarrierKind kind) {
        closed(label(kind));
    }

    void closed(String kind) {
        of(closed, kind).increment();
    }

    @Override
    public void repeated() {
        requests.request(Route.TOPICS, 200);
    }

    @Override
    public void refused(TopicError error) {
        of(refused, error).increment();
    }

    /** Everything, in the text format 0.0.4 of Prometheus. */
    public String text() {
        Exposition out = new Exposition();
        Topics.Gauges now = gauges.get();
        out.single("peerline_topic_logs", "gauge", now.logs());
        out.single("peerline_topics", "gauge", now.topics());
        out.single("peerline_topic_messages", "gauge", now.messages());
        out.single("peerline_topic_bytes", "gauge", now.bytes());
        out.single("peerline_topic_published_total", "counter", published.sum());
        out.single("peerline_topic_published_bytes_total", "counter", publishedBytes.sum());
        out.single("peerline_topic_gaps_total", "counter", gaps.sum());
        byKind(out, "peerline_topic_delivered_total", "Messages written to readers.", delivered);
        byKind(out, "peerline_topic_readers_opened_total", "Readers; each poll is one.", opened);
        byKind(out, "peerline_topic_readers_closed_total", "Readers that are gone.", closed);
        out.family("peerline_topic_refused_total", "counter", "Requests refused, streams ended.");
        refused.forEach(
                (error, sum) ->
                        out.sample(
                                "peerline_topic_refused_total", "code", error.name(), sum.sum()));
        return out.toString();
    }

    private static void byKind(
            Exposition out, String name, String help, Map<String, LongAdder> sums) {
        out.family(name, "counter", help);
        sums.forEach((kind, sum) -> out.sample(name, "kind", kind, sum.sum()));
    }
}
