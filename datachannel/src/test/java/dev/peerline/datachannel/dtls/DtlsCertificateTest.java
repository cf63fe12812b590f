package dev.peerline.datachannel.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

final class DtlsCertificateTest {
    @Test
    void nobodyGetsTheCertificateOfAnother() throws Exception {
        int threads = 8;
        int each = 10;
        Set<String> fingerprints = ConcurrentHashMap.newKeySet();
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                for (int n = 0; n < each; n++)
                                    fingerprints.add(
                                            DtlsCertificate.unused().fingerprint().value());
                                done.countDown();
                            });
        }
        done.await();
        assertEquals(threads * each, fingerprints.size());
    }

    /** RFC 8827 §6.5: P-256, ECDSA, SHA-256; and the JDK can read and verify it. */
    @Test
    void isACertificateThatOthersVerify() throws Exception {
        DtlsCertificate certificate = DtlsCertificate.generate();
        byte[] encoded = certificate.chain().getCertificateAt(0).getEncoded();
        X509Certificate read =
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(encoded));
        read.verify(read.getPublicKey());
        read.checkValidity();
        assertEquals("SHA256withECDSA", read.getSigAlgName());
        assertTrue(certificate.expires().isAfter(Instant.now().plus(Duration.ofDays(28))));
    }
}
