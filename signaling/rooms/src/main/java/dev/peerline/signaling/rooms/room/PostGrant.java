package dev.peerline.signaling.rooms.room;

import org.jspecify.annotations.Nullable;

/**
 * What the token of a POST says.
 *
 * @param expiresMillis when it ends
 * @param rights what it allows with topics; null where nothing is about them
 */
public record PostGrant(long expiresMillis, @Nullable TopicRights rights) {}
