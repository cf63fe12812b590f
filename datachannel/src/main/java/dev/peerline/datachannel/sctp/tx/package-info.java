/** The way out: queues, scheduling, what is in flight, loss detection, retransmission. */
@NullMarked
package dev.peerline.datachannel.sctp.tx;

import org.jspecify.annotations.NullMarked;
