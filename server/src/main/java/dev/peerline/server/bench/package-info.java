/** Load generators, and peers for them. */
@NullMarked
package dev.peerline.server.bench;

import org.jspecify.annotations.NullMarked;
