/**
 * Data channels over an SCTP association (RFC 8831) and the protocol that opens them (RFC 8832), as
 * a state machine: no socket, thread, clock, logger or random source.
 */
@NullMarked
package dev.peerline.datachannel.dcep;

import org.jspecify.annotations.NullMarked;
