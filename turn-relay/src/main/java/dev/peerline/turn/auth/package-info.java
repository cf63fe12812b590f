/** Who may allocate: long-term and time-limited credentials, nonces that need no memory. */
@NullMarked
package dev.peerline.turn.auth;

import org.jspecify.annotations.NullMarked;
