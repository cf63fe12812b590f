/** The server itself as a WebRTC peer: sessions over data channels, all on one UDP port. */
@NullMarked
package dev.peerline.server.pushpeer;

import org.jspecify.annotations.NullMarked;
