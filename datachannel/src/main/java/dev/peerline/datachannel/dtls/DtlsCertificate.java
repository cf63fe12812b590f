package dev.peerline.datachannel.dtls;

import dev.peerline.datachannel.sdp.Fingerprint;

import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.bc.BcX509v3CertificateBuilder;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentSignerBuilder;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

/**
 * A self-signed certificate on P-256 (RFC 8827 §6.5), which its fingerprint in the session
 * description vouches for. Peers that see the same one twice can tell that they meet again: take a
 * new one for each connection unless that is wanted. Safe for use by several threads.
 */
public final class DtlsCertificate {
    /** Long enough for any connection, and the W3C's default. */
    static final Duration LIFE = Duration.ofDays(30);

    /** For peers whose clocks are late. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    /** Says nothing about whose it is. */
    private static final X500Name NAME = new X500Name("CN=WebRTC");

    private static final ASN1ObjectIdentifier CURVE = X9ObjectIdentifiers.prime256v1;

    /**
     * P-256 by arithmetic of its own: what ECNamedCurveTable has computes on big integers, and
     * takes many times as long for a key, a signature, and each handshake with them.
     */
    private static final ECNamedDomainParameters P_256 =
            new ECNamedDomainParameters(CURVE, CustomNamedCurves.getByOID(CURVE));

    private static final AlgorithmIdentifier ECDSA =
            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

    private static final AlgorithmIdentifier SHA_256 =
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final AsymmetricKeyParameter key;
    private final byte[] encoded;
    private final Fingerprint fingerprint;
    private final Instant expires;

    private DtlsCertificate(AsymmetricKeyParameter key, byte[] encoded, Instant expires) {
        this.key = key;
        this.encoded = encoded;
        this.expires = expires;
        fingerprint = Fingerprint.of(Fingerprint.SHA_256, hash(Fingerprint.SHA_256, encoded));
    }

    /**
     * A certificate that nobody has had, good for 30 days, or a day less; made beforehand if one
     * was not asked for just now.
     */
    public static DtlsCertificate unused() {
        DtlsCertificate spare = SpareCertificate.take();
        return spare == null ? generate() : spare;
    }

    /** Makes a key and a certificate for it; good for 30 days. */
    public static DtlsCertificate generate() {
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(P_256, RANDOM));
        AsymmetricCipherKeyPair pair = generator.generateKeyPair();
        Instant now = Instant.now();
        Instant expires = now.plus(LIFE);
        try {
            byte[] encoded =
                    new BcX509v3CertificateBuilder(
                                    NAME,
                                    new BigInteger(64, RANDOM).add(BigInteger.ONE),
                                    Date.from(now.minus(BACKDATED)),
                                    Date.from(expires),
                                    NAME,
                                    pair.getPublic())
                            .build(
                                    new BcECContentSignerBuilder(ECDSA, SHA_256)
                                            .build(pair.getPrivate()))
                            .getEncoded();
            return new DtlsCertificate(pair.getPrivate(), encoded, expires);
        } catch (OperatorCreationException | IOException problem) {
            throw new AssertionError("ECDSA on P-256 with SHA-256 needs nothing else", problem);
        }
    }

    /** The SHA-256 of the certificate, for {@code a=fingerprint}. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /** From when on peers may refuse it. */
    public Instant expires() {
        return expires;
    }

    Certificate chain() throws IOException {
        TlsCertificate own = TlsCryptography.SHARED.createCertificate(encoded);
        return new Certificate(new TlsCertificate[] {own});
    }

    TlsCredentialedSigner signer(TlsContext context) throws IOException {
        return new BcDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(context),
                TlsCryptography.SHARED,
                key,
                chain(),
                SignatureAndHashAlgorithm.getInstance(
                        HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
    }

    /** The hash of a certificate by a name of RFC 8122. */
    static byte[] hash(String algorithm, byte[] certificate) {
        String name =
                switch (algorithm) {
                    case "sha-256" -> "SHA-256";
                    case "sha-384" -> "SHA-384";
                    case "sha-512" -> "SHA-512";
                    default -> throw new IllegalArgumentException("no such hash: " + algorithm);
                };
        try {
            return MessageDigest.getInstance(name).digest(certificate);
        } catch (GeneralSecurityException problem) {
            throw new AssertionError("every JDK has SHA-2", problem);
        }
    }
}
