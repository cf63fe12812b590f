/** A network in virtual time, with every fault a path can have, from one seed. */
@NullMarked
package dev.peerline.datachannel.sim;

import org.jspecify.annotations.NullMarked;
