package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.link.topic.TopicPattern;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a session may do with topics: what its token says.
 *
 * @param subscribe what it may read, any of these; null for everything
 * @param publish where it may publish, any of these; null for everywhere
 * @param limitsKey whose publishing is counted together; null for who is exempt
 */
public record TopicRights(
        @Nullable List<TopicPattern> subscribe,
        @Nullable List<TopicPattern> publish,
        @Nullable String limitsKey) {
    /** Nothing. */
    public static final TopicRights NONE = new TopicRights(List.of(), List.of(), null);

    public TopicRights {
        if (subscribe != null) subscribe = List.copyOf(subscribe);
        if (publish != null) publish = List.copyOf(publish);
    }

    /** Whether it may publish to a topic. */
    public boolean publishes(TopicPattern topic) {
        return publish == null || publish.stream().anyMatch(topic::overlaps);
    }
}
