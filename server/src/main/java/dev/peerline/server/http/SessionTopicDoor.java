package dev.peerline.server.http;

import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.http.topics.TopicMetrics;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.signaling.rooms.TopicDoor;
import dev.peerline.signaling.rooms.room.TopicRights;

import org.jspecify.annotations.Nullable;

/** Topics for sessions, by the rules that hold for requests about them. Thread-safe. */
public final class SessionTopicDoor implements TopicDoor {
    private final Topics topics;
    private final TokenTopicAccess access;
    private final TopicMetrics metrics;
    private final int maxMessageBytes;
    private final boolean trustLoopback;

    /**
     * @param trustLoopback whether clients on this machine are exempt from limits
     */
    public SessionTopicDoor(
            Topics topics,
            TokenTopicAccess access,
            TopicMetrics metrics,
            int maxMessageBytes,
            boolean trustLoopback) {
        this.topics = topics;
        this.access = access;
        this.metrics = metrics;
        this.maxMessageBytes = maxMessageBytes;
        this.trustLoopback = trustLoopback;
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public TopicRights rights(Visitor visitor, @Nullable String token) {
        boolean exempt = trustLoopback && visitor.address().isLoopbackAddress();
        return access.rights(exempt ? null : Caller.limitsKey(visitor.address()), token);
    }

    @Override
    public long publishWaitMillis(String limitsKey) {
        return access.publishWaitMillis(limitsKey);
    }

    @Override
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public TopicMetrics metrics() {
        return metrics;
    }
}
