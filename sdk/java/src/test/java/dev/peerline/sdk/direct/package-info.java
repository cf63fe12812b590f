@NullMarked
package dev.peerline.sdk.direct;

import org.jspecify.annotations.NullMarked;
