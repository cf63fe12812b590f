package dev.peerline.server.http;

import dev.peerline.fallback.http.topics.ReaderLimits;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicPattern;

import java.util.List;

/**
 * How topics are kept, and who may use them how much.
 *
 * @param kept what is kept
 * @param readers limits of readers and messages
 * @param open what anybody may read
 * @param publishesPerSecond messages of one address or token
 * @param requestsPerSecond requests to read of one address or token
 */
public record TopicConfig(
        TopicLimits kept,
        ReaderLimits readers,
        List<TopicPattern> open,
        int publishesPerSecond,
        int requestsPerSecond) {
    public TopicConfig {
        open = List.copyOf(open);
    }
}
