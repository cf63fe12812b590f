/** WebSocket, SSE, long polling and polling: small readers of one log. */
@NullMarked
package dev.peerline.fallback.http;

import org.jspecify.annotations.NullMarked;
