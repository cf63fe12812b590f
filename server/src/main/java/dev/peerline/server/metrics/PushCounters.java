package dev.peerline.server.metrics;

import dev.peerline.fallback.grpc.PushError;
import dev.peerline.fallback.grpc.PushMetrics;
import dev.peerline.fallback.http.topics.TopicError;
import dev.peerline.server.metrics.Metrics.Refused;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What {@code /metrics} tells of gRPC: messages and readers beside those of the other ways, and
 * calls. Labels come from closed sets.
 */
public final class PushCounters implements PushMetrics {
    private final TopicCounters topics;
    private final Metrics metrics;

    /** By labels: five methods and gRPC's seventeen statuses at most. */
    private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();

    public PushCounters(TopicCounters topics, Metrics metrics) {
        this.topics = topics;
        this.metrics = metrics;
    }

    @Override
    public void published(int bytes) {
        topics.published(bytes);
    }

    @Override
    public void delivered(int messages) {
        topics.delivered(TopicCounters.GRPC, messages);
    }

    @Override
    public void gap() {
        topics.gap();
    }

    @Override
    public void opened() {
        topics.opened(TopicCounters.GRPC);
    }

    @Override
    public void closed() {
        topics.closed(TopicCounters.GRPC);
    }

    @Override
    public void refused(PushError error) {
        switch (error) {
            case FORBIDDEN_HOST -> metrics.refused(Refused.FORBIDDEN_HOST);
            case FORBIDDEN_ORIGIN -> metrics.refused(Refused.FORBIDDEN_ORIGIN);
            default -> topics.refused(TopicError.valueOf(error.name()));
        }
    }

    @Override
    public void called(String method, String status) {
        String labels = "{method=\"%s\",status=\"%s\"}".formatted(method, status);
        calls.computeIfAbsent(labels, _ -> new LongAdder()).increment();
    }

    @Override
    public void tooManyConnections() {
        metrics.refused(Refused.TOO_MANY_CONNECTIONS);
    }

    /** Everything, in the text format 0.0.4 of Prometheus. */
    public String text() {
        Exposition out = new Exposition();
        out.family("peerline_grpc_calls_total", "counter", "Calls of gRPC that are over.");
        new TreeMap<>(calls)
                .forEach(
                        (labels, sum) ->
                                out.sample("peerline_grpc_calls_total" + labels, sum.sum()));
        return out.toString();
    }
}
