package dev.peerline.fallback.link.topic;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a reader gets: the topics that it asked for, as far as it may read them.
 *
 * @param pattern what it asked for
 * @param allowed what it may read, any of these; null for everything
 */
public record TopicFilter(TopicPattern pattern, @Nullable List<TopicPattern> allowed) {
    public TopicFilter {
        if (allowed != null) allowed = List.copyOf(allowed);
    }

    /** All topics of a pattern. */
    public static TopicFilter all(TopicPattern pattern) {
        return new TopicFilter(pattern, null);
    }

    /** Whether there is any topic that it lets through. */
    public boolean isOpen() {
        return allowed == null || allowed.stream().anyMatch(pattern::overlaps);
    }

    /** Whether a message on a topic is for this reader. */
    public boolean reads(String topic) {
        return pattern.matches(topic)
                && (allowed == null || allowed.stream().anyMatch(each -> each.matches(topic)));
    }
}
