/** Topics over gRPC, as part of the server. */
@NullMarked
package dev.peerline.server.grpc;

import org.jspecify.annotations.NullMarked;
