/**
 * Topics: append-only logs that many read, each from its own cursor and on any transport. Topics
 * with the same first segment share one log, so that one cursor serves a pattern. Pure: time and
 * epochs are parameters, and a reader that waits is a callback.
 */
@NullMarked
package dev.peerline.fallback.link.topic;

import org.jspecify.annotations.NullMarked;
