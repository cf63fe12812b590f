package dev.peerline.server.certificate;

import dev.peerline.server.certificate.ServerCertificate.Identity;
import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.IpLiteral;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.io.IOException;
import java.io.Reader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/** Reads certificates and keys from PEM files, or makes them on the spot. */
final class Certificates {
    private static final int SERIAL_BITS = 120;

    /** Made anew at each start; longer lives only make browsers suspicious. */
    private static final Duration SELF_SIGNED_LIFE = Duration.ofDays(90);

    /** Clocks of other devices may be behind ours. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    private static final byte[] PROBE = {1, 2, 3};

    private Certificates() {}

    /** For these names and addresses; no browser trusts it yet. */
    static Identity selfSigned(List<String> names) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return new Identity(pair.getPrivate(), List.of(certificate(pair, names)));
        } catch (GeneralSecurityException | IOException | OperatorCreationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static X509Certificate certificate(KeyPair pair, List<String> names)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        X500Name self = new X500Name("CN=Peerline development");
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        self,
                        new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                        Date.from(now.minus(BACKDATED)),
                        Date.from(now.plus(SELF_SIGNED_LIFE)),
                        self,
                        pair.getPublic());
        GeneralName[] alternatives =
                names.stream().distinct().map(Certificates::name).toArray(GeneralName[]::new);
        builder.addExtension(
                Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        X509CertificateHolder signed =
                builder.build(
                        new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        return new JcaX509CertificateConverter().getCertificate(signed);
    }

    private static GeneralName name(String name) {
        boolean address = IpLiteral.parse(name) != null;
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    /**
     * What the files hold.
     *
     * @param chain the certificate, then those that vouch for it; PEM
     * @param key PKCS #8, PKCS #1 or SEC 1, without a password; PEM
     */
    static Identity read(Path chain, Path key) throws BadUsage {
        PrivateKey privateKey = key(key);
        List<X509Certificate> certificates = chain(chain);
        if (!belong(privateKey, certificates.getFirst().getPublicKey()))
            throw new BadUsage(
                    "The key %s is not that of the first certificate in %s".formatted(key, chain));
        return new Identity(privateKey, certificates);
    }

    /** A key store takes any two; handshakes would fail one by one. */
    private static boolean belong(PrivateKey privateKey, PublicKey publicKey) {
        String algorithm =
                switch (privateKey.getAlgorithm()) {
                    case "EC", "ECDSA" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> privateKey.getAlgorithm();
                };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false; // of two kinds, or of one that TLS does not use
        }
    }

    private static List<X509Certificate> chain(Path file) throws BadUsage {
        List<X509Certificate> chain = new ArrayList<>();
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            for (Object object = parser.readObject();
                    object != null;
                    object = parser.readObject()) {
                if (object instanceof X509CertificateHolder holder)
                    chain.add(converter.getCertificate(holder));
            }
        } catch (IOException | GeneralSecurityException problem) {
            throw new BadUsage("Cannot read the certificate " + file + ": " + problem);
        }
        if (chain.isEmpty()) throw new BadUsage(file + " holds no PEM certificate");
        return chain;
    }

    private static PrivateKey key(Path file) throws BadUsage {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            for (Object object = parser.readObject();
                    object != null;
                    object = parser.readObject()) {
                if (object instanceof PEMKeyPair pair)
                    return converter.getKeyPair(pair).getPrivate();
                if (object instanceof PrivateKeyInfo info) return converter.getPrivateKey(info);
            }
        } catch (IOException problem) {
            throw new BadUsage("Cannot read the key " + file + ": " + problem);
        }
        throw new BadUsage(file + " holds no PEM private key without a password");
    }
}
