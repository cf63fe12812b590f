/**
 * Topics over gRPC: {@code peerline.v1.Push}, with health and reflection. Calls come on event loops
 * that must not wait; each reader belongs to one hub's thread.
 */
@NullMarked
package dev.peerline.fallback.grpc;

import org.jspecify.annotations.NullMarked;
