/** Allocations with their permissions and channels, as state alone: time is a parameter. */
@NullMarked
package dev.peerline.turn.allocation;

import org.jspecify.annotations.NullMarked;
