/**
 * Topics over HTTP: publishing by POST, reading by poll, long poll, server-sent events and
 * WebSocket. Each reader belongs to one I/O thread, and is touched by no other.
 */
@NullMarked
package dev.peerline.fallback.http.topics;

import org.jspecify.annotations.NullMarked;
