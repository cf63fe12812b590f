package dev.peerline.datachannel.dtls;

import dev.peerline.datachannel.sdp.Fingerprint;

import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.TlsFatalAlert;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the peer's certificate must be, by its session description. */
final class PeerFingerprints {
    /** SHA-1 and MD5 prove nothing any more. */
    private static final Set<String> KNOWN = Set.of("sha-256", "sha-384", "sha-512");

    private final List<Fingerprint> expected;

    PeerFingerprints(List<Fingerprint> expected) {
        this.expected = expected.stream().filter(one -> KNOWN.contains(one.algorithm())).toList();
    }

    /** RFC 8122 §5: one of those that are known must match. */
    void check(Certificate presented) throws IOException {
        if (presented.isEmpty())
            throw new TlsFatalAlert(
                    AlertDescription.bad_certificate, "the peer has shown no certificate");
        byte[] certificate = presented.getCertificateAt(0).getEncoded();
        if (expected.isEmpty())
            throw new TlsFatalAlert(
                    AlertDescription.bad_certificate,
                    "the peer's session description has no fingerprint by SHA-2");
        boolean matches = false;
        for (Fingerprint one : expected) {
            byte[] hash = DtlsCertificate.hash(one.algorithm(), certificate);
            matches |= MessageDigest.isEqual(hash, one.hash());
        }
        if (!matches) throw mismatch(certificate);
    }

    private TlsFatalAlert mismatch(byte[] certificate) {
        byte[] hash = DtlsCertificate.hash(Fingerprint.SHA_256, certificate);
        String wanted =
                expected.stream().map(Fingerprint::toString).collect(Collectors.joining(" or "));
        return new TlsFatalAlert(
                AlertDescription.bad_certificate,
                "the peer's certificate is "
                        + Fingerprint.of(Fingerprint.SHA_256, hash)
                        + ", its session description says "
                        + wanted);
    }
}
