/** Gives the state machines of one peer their clock, timers and carriers. Not for applications. */
@NullMarked
package dev.peerline.sdk.driver;

import org.jspecify.annotations.NullMarked;
