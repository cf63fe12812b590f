package dev.peerline.turn.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A certificate chain and key from PEM files, which can be read again while connections live.
 * Thread-safe.
 */
public final class TlsCertificates {
    /** RFC 7443. */
    private static final String[] PROTOCOLS = {"stun.turn", "stun.nat-discovery"};

    private static final char[] NO_PASSWORD = {};

    private final Path certificates;
    private final Path key;
    private volatile SSLContext context;
    private volatile FileTime readAt;

    /**
     * Reads the files.
     *
     * @throws IOException if a file cannot be read or holds something else; the message names it
     */
    public TlsCertificates(Path certificates, Path key) throws IOException {
        this.certificates = certificates;
        this.key = key;
        readAt = modified();
        context = read();
    }

    /**
     * Reads the files again if one has changed; whether it did. What is wrong leaves the old in
     * use.
     */
    public boolean reload() throws IOException {
        FileTime modified = modified();
        if (modified.equals(readAt)) return false;
        context = read();
        readAt = modified;
        return true;
    }

    private FileTime modified() throws IOException {
        FileTime a = Files.getLastModifiedTime(certificates);
        FileTime b = Files.getLastModifiedTime(key);
        return a.compareTo(b) > 0 ? a : b;
    }

    /** TLS 1.2 and 1.3, with the protocol names of STUN and TURN for clients that ask. */
    public SSLEngine engine() {
        SSLEngine engine = context.createSSLEngine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setApplicationProtocols(PROTOCOLS);
        engine.setSSLParameters(parameters);
        // A client that asks for other protocols alone is told so by the engine; one that asks for
        // none is served.
        return engine;
    }

    private SSLContext read() throws IOException {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Certificate[] chain =
                    factory.generateCertificates(
                                    new ByteArrayInputStream(Files.readAllBytes(certificates)))
                            .toArray(Certificate[]::new);
            if (chain.length == 0) throw new IOException("no certificate in " + certificates);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("relay", privateKey(chain[0]), NO_PASSWORD, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, NO_PASSWORD);
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(keys.getKeyManagers(), null, null);
            return made;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + certificates + " with " + key, e);
        }
    }

    private PrivateKey privateKey(Certificate certificate)
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
