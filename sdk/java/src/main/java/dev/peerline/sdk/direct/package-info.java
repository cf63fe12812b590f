/** Direct and relayed paths: data channels to other peers, made, watched, mended and ended. */
@NullMarked
package dev.peerline.sdk.direct;

import org.jspecify.annotations.NullMarked;
