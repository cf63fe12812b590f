/** Sockets and threads under the handlers. */
@NullMarked
package dev.peerline.turn.io;

import org.jspecify.annotations.NullMarked;
