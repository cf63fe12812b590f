/** The way in: which TSNs were received, reassembly, order, window, acknowledgements. */
@NullMarked
package dev.peerline.datachannel.sctp.rx;

import org.jspecify.annotations.NullMarked;
