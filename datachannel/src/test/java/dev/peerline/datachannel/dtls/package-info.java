/** DTLS against itself, over every fault a path can have. */
@NullMarked
package dev.peerline.datachannel.dtls;

import org.jspecify.annotations.NullMarked;
