/** Keys and certificates of the server. */
@NullMarked
package dev.peerline.server.certificate;

import org.jspecify.annotations.NullMarked;
