/**
 * Messages between processes and browsers, exactly once and in order, over the best path there is.
 * Begin with {@link dev.peerline.sdk.Peerline#join}.
 */
@NullMarked
package dev.peerline.sdk;

import org.jspecify.annotations.NullMarked;
