/**
 * DTLS 1.2 (RFC 6347) for one peer connection: BouncyCastle shakes hands, on a virtual thread that
 * ends with the handshake; records are ours from then on. BouncyCastle's types stay in here.
 */
@NullMarked
package dev.peerline.datachannel.dtls;

import org.jspecify.annotations.NullMarked;
