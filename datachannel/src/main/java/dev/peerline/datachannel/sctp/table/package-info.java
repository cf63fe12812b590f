/** Two collections that make no garbage: by stream, and by number. */
@NullMarked
package dev.peerline.datachannel.sctp.table;

import org.jspecify.annotations.NullMarked;
