/**
 * Which way to use, decided from evidence and not from names of states. The same policies as in the
 * JavaScript SDK; times are milliseconds there and here, so that both run the same vectors.
 */
@NullMarked
package dev.peerline.fallback.link.ladder;

import org.jspecify.annotations.NullMarked;
