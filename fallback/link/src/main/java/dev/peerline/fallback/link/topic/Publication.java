package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to publish.
 *
 * @param topic where; it {@link TopicPattern#isTopic is a topic}
 * @param type the media type of the body, as the publisher said it
 * @param key makes a retry safe: the same one on the same topic within ten minutes is the same
 *     message; null for none
 */
public record Publication(TopicPattern topic, String type, Bytes body, @Nullable String key) {
    public Publication {
        if (!topic.isTopic()) {
            throw new IllegalArgumentException("topic must be one topic, not " + topic);
        }
    }
}
