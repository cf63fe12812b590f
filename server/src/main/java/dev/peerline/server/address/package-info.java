/** Which address this machine has for the rest of the world. */
@NullMarked
package dev.peerline.server.address;

import org.jspecify.annotations.NullMarked;
