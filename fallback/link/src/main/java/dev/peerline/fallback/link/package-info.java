/**
 * One end of an ordered exactly-once message stream that outlives the carrier it runs on. State
 * machines only: time is a parameter, and no class here knows a socket, a thread or a clock.
 */
@NullMarked
package dev.peerline.fallback.link;

import org.jspecify.annotations.NullMarked;
