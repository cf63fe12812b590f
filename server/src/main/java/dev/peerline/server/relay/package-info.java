/** The relay: alone, and inside of {@code serve}. */
@NullMarked
package dev.peerline.server.relay;

import org.jspecify.annotations.NullMarked;
