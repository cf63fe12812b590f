/** usrsctp, the SCTP of Firefox and libdatachannel, as a peer in the simulation. */
@NullMarked
package dev.peerline.datachannel.usrsctp;

import org.jspecify.annotations.NullMarked;
