/** The ICE servers that clients are told of. */
@NullMarked
package dev.peerline.server.ice;

import org.jspecify.annotations.NullMarked;
