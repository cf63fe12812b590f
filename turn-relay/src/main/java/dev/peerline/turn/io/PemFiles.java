package dev.peerline.turn.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/** Certificates and keys with what the JDK has: keys in PKCS #8 alone. */
public final class PemFiles {
    private static final char[] NO_PASSWORD = {};

    private PemFiles() {}

    /** As {@link dev.peerline.turn.Tls.Reader} asks for. */
    public static KeyManager read(Path certificates, Path key) throws IOException {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Certificate[] chain =
                    factory.generateCertificates(
                                    new ByteArrayInputStream(Files.readAllBytes(certificates)))
                            .toArray(Certificate[]::new);
            if (chain.length == 0) throw new IOException("no certificate in " + certificates);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("relay", privateKey(key, chain[0]), NO_PASSWORD, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, NO_PASSWORD);
            return keys.getKeyManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + certificates + " with " + key, e);
        }
    }

    private static PrivateKey privateKey(Path key, Certificate certificate)
            throws IOException, GeneralSecurityException {
        String pem = Files.readString(key);
        int begin = pem.indexOf("-----BEGIN PRIVATE KEY-----");
        int end = pem.indexOf("-----END PRIVATE KEY-----");
        if (begin < 0 || end < begin) throw new IOException("no PKCS #8 key in " + key);
        String base64 = pem.substring(begin + "-----BEGIN PRIVATE KEY-----".length(), end);
        byte[] der = Base64.getMimeDecoder().decode(base64);
        try {
            return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (InvalidKeySpecException e) {
            throw new IOException("the key does not suit the certificate: " + key, e);
        }
    }
}
