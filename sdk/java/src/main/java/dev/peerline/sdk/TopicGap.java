package dev.peerline.sdk;

/**
 * Messages of a topic are gone that its reader would have got.
 *
 * @param after the cursor from which on something is missing
 * @param oldest the id of the first message that comes instead; where there is none, the cursor to
 *     go on after
 * @param reason {@code age}, {@code count} or {@code bytes} (limits of the server), {@code restart}
 *     (it lost what it had) or {@code size} (a message that no session can carry)
 */
public record TopicGap(String after, String oldest, String reason) {}
