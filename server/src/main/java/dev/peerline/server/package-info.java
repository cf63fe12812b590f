/** Assembly of the parts, and the command line. */
@NullMarked
package dev.peerline.server;

import org.jspecify.annotations.NullMarked;
