/** What moves packets one hop to the server, by {@code java.net.http}. Not for applications. */
@NullMarked
package dev.peerline.sdk.carrier;

import org.jspecify.annotations.NullMarked;
