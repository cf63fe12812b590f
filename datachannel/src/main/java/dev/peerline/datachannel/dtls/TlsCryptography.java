package dev.peerline.datachannel.dtls;

import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

import java.security.SecureRandom;

/**
 * The cryptography of all handshakes: BouncyCastle's own, whose elliptic curves take half as long
 * as the JDK's, and a third when few connections were made yet. It is for handshakes alone: its
 * records take many times as long, and {@link RecordLayer} uses the JDK's.
 */
final class TlsCryptography {
    /** Holds no state of a handshake, and may be used by several at once. */
    static final BcTlsCrypto SHARED = new BcTlsCrypto(new SecureRandom());

    private TlsCryptography() {}
}
