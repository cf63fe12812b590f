package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.topic.Gap.Reason;

import java.util.List;

/**
 * What has to be known of a log beside its messages, so that its cursors outlive the process.
 *
 * @param name the first segment
 * @param head the offset of the last message
 * @param forgotten messages up to and including this offset are not kept
 * @param floor the same for topics of which nothing more is known
 * @param topics what is known of single ones
 * @param keys idempotency keys in their ten minutes
 */
public record LogState(
        String name, long head, long forgotten, Lost floor, List<Topic> topics, List<Key> keys) {
    public LogState {
        topics = List.copyOf(topics);
        keys = List.copyOf(keys);
    }

    /**
     * Up to where something is lost.
     *
     * @param offset of the last message that was forgotten; 0 for none
     * @param reason why
     */
    public record Lost(long offset, Reason reason) {
        /** Nothing is lost. */
        public static final Lost NOTHING = new Lost(0, Reason.AGE);

        /** The one of both that reaches further. */
        public Lost max(Lost other) {
            return other.offset > offset ? other : this;
        }
    }

    /** Up to where a topic is lost. */
    public record Topic(String name, Lost lost) {}

    /**
     * An idempotency key.
     *
     * @param sinceMillis when it was first used, Unix time in ms
     */
    public record Key(String topic, String key, long offset, long sinceMillis) {}
}
