/** Which peers may be reached, and how much strangers may make us send. Pure. */
@NullMarked
package dev.peerline.turn.policy;

import org.jspecify.annotations.NullMarked;
