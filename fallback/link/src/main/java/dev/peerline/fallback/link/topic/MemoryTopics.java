package dev.peerline.fallback.link.topic;

import org.jspecify.annotations.Nullable;

/** Topics that live as long as the process. Thread-safe. */
public final class MemoryTopics extends HeldTopics {
    /**
     * @param epoch 0 … 2^53−1, another one each time, that nobody can foretell
     */
    public MemoryTopics(long epoch, TopicLimits limits) {
        super(epoch, limits);
    }

    @Override
    protected boolean keep(HeldLog log, TopicMessage message, @Nullable String key) {
        return true;
    }

    @Override
    public @Nullable String trouble() {
        return null;
    }

    @Override
    public void close() {}
}
