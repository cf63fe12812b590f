package dev.peerline.sdk;

import java.time.Duration;

/**
 * A pair goes another way from now on. Nothing is lost, doubled or disordered by it.
 *
 * @param reason one word: {@code peer} (the other end moved), {@code carrier}, {@code silent},
 *     {@code network}, …
 * @param moved how many frames are sent again
 * @param stalled for how long nothing that was owed had come; zero for a move that nothing forced
 */
public record PathChange(
        Peer peer, PathKind from, PathKind to, String reason, long moved, Duration stalled) {}
