package dev.peerline.datachannel.dtls;

import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** What both roles answer to BouncyCastle's questions: DTLS 1.2, our certificate, their hash. */
final class HandshakePeer {
    private final DtlsCertificate certificate;
    private final PeerFingerprints fingerprints;
    private final DtlsTimeouts timeouts;
    private @Nullable KeyExport keys;

    HandshakePeer(
            DtlsCertificate certificate, PeerFingerprints fingerprints, DtlsTimeouts timeouts) {
        this.certificate = certificate;
        this.fingerprints = fingerprints;
        this.timeouts = timeouts;
    }

    /** The keys, once the handshake is complete. */
    KeyExport keys() {
        if (keys == null) throw new AssertionError("no keys before the handshake is complete");
        return keys;
    }

    final class Client extends DefaultTlsClient {
        Client() {
            super(TlsCryptography.SHARED);
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.DTLSv12.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return suites(getCrypto());
        }

        @Override
        public int getHandshakeTimeoutMillis() {
            return timeouts.handshakeMillis();
        }

        @Override
        public int getHandshakeResendTimeMillis() {
            return timeouts.resendMillis();
        }

        @Override
        public TlsAuthentication getAuthentication() {
            return new TlsAuthentication() {
                @Override
                public void notifyServerCertificate(TlsServerCertificate presented)
                        throws IOException {
                    fingerprints.check(presented.getCertificate());
                }

                @Override
                public TlsCredentials getClientCredentials(CertificateRequest request)
                        throws IOException {
                    return certificate.signer(context);
                }
            };
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            keys = KeyExport.of(context);
        }
    }

    final class Server extends DefaultTlsServer {
        private boolean checked;

        Server() {
            super(TlsCryptography.SHARED);
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.DTLSv12.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return suites(getCrypto());
        }

        @Override
        public int getHandshakeTimeoutMillis() {
            return timeouts.handshakeMillis();
        }

        @Override
        public int getHandshakeResendTimeMillis() {
            return timeouts.resendMillis();
        }

        @Override
        protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
            return certificate.signer(context);
        }

        @Override
        public CertificateRequest getCertificateRequest() {
            return new CertificateRequest(
                    new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign},
                    TlsUtils.getDefaultSupportedSignatureAlgorithms(context),
                    null);
        }

        @Override
        public void notifyClientCertificate(Certificate presented) throws IOException {
            fingerprints.check(presented);
            checked = true;
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            if (!checked)
                throw new TlsFatalAlert(
                        AlertDescription.bad_certificate, "the peer has shown no certificate");
            keys = KeyExport.of(context);
        }
    }

    private static int[] suites(TlsCrypto crypto) {
        return TlsUtils.getSupportedCipherSuites(crypto, KeyExport.suites());
    }
}
