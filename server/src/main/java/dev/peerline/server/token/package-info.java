/** Tokens and the secrets that sign them. The JWT library is known here alone. */
@NullMarked
package dev.peerline.server.token;

import org.jspecify.annotations.NullMarked;
