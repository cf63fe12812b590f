package dev.peerline.fallback.contract;

import dev.peerline.fallback.link.topic.MemoryTopics;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.Topics;

final class MemoryTopicsTest extends TopicsContract {
    @Override
    protected Topics open(TopicLimits limits) {
        return new MemoryTopics(7, limits);
    }
}
