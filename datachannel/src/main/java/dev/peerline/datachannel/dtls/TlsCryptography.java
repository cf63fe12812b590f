package dev.peerline.datachannel.dtls;

import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

import java.security.SecureRandom;

/** The cryptography of all handshakes: the JDK's, behind BouncyCastle's interface. */
final class TlsCryptography {
    /** Holds no state of a handshake, and may be used by several at once. */
    static final JcaTlsCrypto SHARED = new JcaTlsCryptoProvider().create(new SecureRandom());

    private TlsCryptography() {}
}
