/** Our connections with those of others. */
@NullMarked
package dev.peerline.datachannel.interop;

import org.jspecify.annotations.NullMarked;
