/**
 * The packets of SCTP, bit by bit: what an RFC draws as a box is a class here. Parsers never throw:
 * malformed bytes are a value. Chunks of the data path are read in place, the others are records.
 */
@NullMarked
package dev.peerline.datachannel.sctp.chunk;

import org.jspecify.annotations.NullMarked;
