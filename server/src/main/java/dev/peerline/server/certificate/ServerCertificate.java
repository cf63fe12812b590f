package dev.peerline.server.certificate;

import dev.peerline.server.config.BadUsage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A certificate that a server shows, and its context; what comes from files can be read again.
 * Thread-safe.
 */
public final class ServerCertificate {
    private static final String ALIAS = "server";

    /** A private key, and the certificates that vouch for it, its own first. */
    record Identity(PrivateKey key, List<X509Certificate> chain) {
        Identity {
            chain = List.copyOf(chain);
        }
    }

    private final List<Path> files;
    private final KeyManager keys = new Keys();
    private final SSLContext context;
    private volatile Identity identity;

    private ServerCertificate(Identity identity, Path... files) throws GeneralSecurityException {
        this.identity = identity;
        this.files = List.of(files);
        context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {keys}, null, null);
    }

    /** For these names and addresses; no browser trusts it yet. */
    public static ServerCertificate selfSigned(List<String> names) {
        try {
            return new ServerCertificate(Certificates.selfSigned(names));
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * What the files hold.
     *
     * @param chain the certificate, then those that vouch for it; PEM
     * @param key PKCS #8, PKCS #1 or SEC 1, without a password; PEM
     */
    public static ServerCertificate read(Path chain, Path key) throws BadUsage {
        try {
            return new ServerCertificate(Certificates.read(chain, key), chain, key);
        } catch (GeneralSecurityException problem) {
            throw new BadUsage("Cannot use the certificate " + chain + ": " + problem);
        }
    }

    /** For every connection, now and later. */
    public SSLContext context() {
        return context;
    }

    /** The same, for contexts of other protocols. */
    public KeyManager keyManager() {
        return keys;
    }

    /** For a client of this server in this process: it trusts this certificate, and no other. */
    public SSLContext ownClient() {
        try {
            SSLContext client = SSLContext.getInstance("TLS");
            client.init(null, new TrustManager[] {new OwnTrust()}, null);
            return client;
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Where it comes from; none for one that was made here. */
    public List<Path> files() {
        return files;
    }

    /**
     * Shows what the files hold now to whoever connects from here on.
     *
     * @throws IOException when that cannot be used, with a sentence; the old stays
     */
    public void reload() throws IOException {
        if (files.isEmpty()) return;
        try {
            identity = Certificates.read(files.getFirst(), files.getLast());
        } catch (BadUsage problem) {
            throw new IOException(problem.sentence(), problem);
        }
    }

    /** There is one key, and every handshake asks anew. */
    private final class Keys extends X509ExtendedKeyManager {
        private @Nullable String alias(String type) {
            String algorithm = identity.key().getAlgorithm();
            boolean elliptic = algorithm.startsWith("EC");
            return type.equals(elliptic ? "EC" : algorithm) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String type, Principal @Nullable [] issuers, SSLEngine engine) {
            return alias(type);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, Socket socket) {
            return alias(type);
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
            String alias = alias(type);
            return alias == null ? null : new String[] {alias};
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return identity.chain().toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return identity.key();
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] types, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
            return null;
        }
    }

    /** No name and no authority counts, only that it is the very certificate that is shown now. */
    private final class OwnTrust extends X509ExtendedTrustManager {
        private void check(X509Certificate[] chain) throws CertificateException {
            if (!chain[0].equals(identity.chain().getFirst()))
                throw new CertificateException("not the certificate of this server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("no client shows one");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("no client shows one");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("no client shows one");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
