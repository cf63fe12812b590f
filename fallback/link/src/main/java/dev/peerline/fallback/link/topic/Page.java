package dev.peerline.fallback.link.topic;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A part of a log, as one reader sees it.
 *
 * @param gap what is missing before it; null for nothing
 * @param messages in order
 * @param next the offset after which reading goes on
 * @param more whether there is more to read by now
 */
public record Page(@Nullable Gap gap, List<TopicMessage> messages, long next, boolean more) {}
