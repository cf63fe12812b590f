/** WebRTC data channels for the JVM. */
@NullMarked
package dev.peerline.datachannel;

import org.jspecify.annotations.NullMarked;
