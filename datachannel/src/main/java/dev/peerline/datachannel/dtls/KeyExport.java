package dev.peerline.datachannel.dtls;

import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsSecret;

import java.util.Arrays;

/**
 * Takes the record keys out of a handshake. BouncyCastle does not hand them out, but shows the
 * master secret when a handshake completes; RFC 5246 §6.3 tells the rest.
 *
 * @param suite the cipher suite, as IANA numbers it
 */
record KeyExport(int suite, TrafficKeys client, TrafficKeys server) {
    private static final int SALT_BYTES = 4;

    /** The suites whose records {@link RecordLayer} knows, best first. */
    static int[] suites() {
        return new int[] {
            CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        };
    }

    private static int keyBytes(int suite) throws TlsFatalAlert {
        return switch (suite) {
            case CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ->
                    16;
            case CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 ->
                    32;
            default -> throw new TlsFatalAlert(AlertDescription.handshake_failure);
        };
    }

    /** To be called in {@code notifyHandshakeComplete}: later the secret is gone. */
    static KeyExport of(TlsContext context) throws TlsFatalAlert {
        SecurityParameters parameters = context.getSecurityParametersConnection();
        int suite = parameters.getCipherSuite();
        int keyBytes = keyBytes(suite);
        byte[] randoms = Arrays.copyOf(parameters.getServerRandom(), 64);
        System.arraycopy(parameters.getClientRandom(), 0, randoms, 32, 32);
        TlsSecret derived =
                parameters
                        .getMasterSecret()
                        .deriveUsingPRF(
                                parameters.getPRFAlgorithm(),
                                "key expansion",
                                randoms,
                                2 * (keyBytes + SALT_BYTES));
        // RFC 5246 §6.3: client key, server key, client IV, server IV; AEAD has no MAC keys.
        byte[] block = derived.extract();
        int salts = 2 * keyBytes;
        TrafficKeys client =
                new TrafficKeys(
                        Arrays.copyOfRange(block, 0, keyBytes),
                        Arrays.copyOfRange(block, salts, salts + SALT_BYTES));
        TrafficKeys server =
                new TrafficKeys(
                        Arrays.copyOfRange(block, keyBytes, salts),
                        Arrays.copyOfRange(block, salts + SALT_BYTES, salts + 2 * SALT_BYTES));
        Arrays.fill(block, (byte) 0);
        return new KeyExport(suite, client, server);
    }
}
