/** The server as a client of its own gRPC, to show what that costs. */
@NullMarked
package dev.peerline.fallback.grpc.client;

import org.jspecify.annotations.NullMarked;
