package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.http.topics.TopicMetrics;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.signaling.rooms.room.TopicRights;

import org.jspecify.annotations.Nullable;

/**
 * Topics as sessions see them: docs/protocol.md, section 8. Called from I/O threads, never under a
 * lock; it computes and does not wait.
 */
public interface TopicDoor {
    Topics topics();

    /**
     * What somebody who may join may do with topics.
     *
     * @param token as it came; null when there is none
     */
    TopicRights rights(Visitor visitor, @Nullable String token);

    /** Counts a message against a limit; how long to wait where it is over, in ms, else 0. */
    long publishWaitMillis(String limitsKey);

    /** A message's body. */
    int maxMessageBytes();

    TopicMetrics metrics();
}
