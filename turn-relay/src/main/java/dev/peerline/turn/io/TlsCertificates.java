package dev.peerline.turn.io;

import dev.peerline.turn.Tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;

import javax.net.ssl.KeyManager;
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

    private final Path certificates;
    private final Path key;
    private final Tls.Reader reader;
    private volatile Contexts contexts;
    private volatile FileTime readAt;

    /**
     * Reads the files.
     *
     * @throws IOException if a file cannot be read or holds something else; the message names it
     */
    public TlsCertificates(Tls files) throws IOException {
        certificates = files.certificates();
        key = files.key();
        reader = files.reader();
        readAt = modified();
        contexts = Contexts.of(reader.read(certificates, key));
    }

    /**
     * Reads the files again if one has changed; whether it did. What is wrong leaves the old in
     * use.
     */
    public boolean reload() throws IOException {
        FileTime modified = modified();
        if (modified.equals(readAt)) return false;
        contexts = Contexts.of(reader.read(certificates, key));
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
        return engine(contexts.tls, "TLSv1.3", "TLSv1.2");
    }

    /** DTLS 1.2, likewise; the JDK has no newer. */
    public SSLEngine datagramEngine() {
        SSLEngine engine = engine(contexts.dtls, "DTLSv1.2");
        SSLParameters parameters = engine.getSSLParameters();
        // No record is cut: not those with data, for each is a datagram.
        parameters.setMaximumPacketSize(DtlsFilter.RECORD_BYTES);
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static SSLEngine engine(SSLContext context, String... versions) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(versions);
        parameters.setApplicationProtocols(PROTOCOLS);
        engine.setSSLParameters(parameters);
        // A client that asks for other protocols alone is told so by the engine; one that asks for
        // none is served.
        return engine;
    }

    private record Contexts(SSLContext tls, SSLContext dtls) {
        static Contexts of(KeyManager keys) throws IOException {
            return new Contexts(context("TLS", keys), context("DTLS", keys));
        }

        private static SSLContext context(String protocol, KeyManager keys) throws IOException {
            try {
                SSLContext made = SSLContext.getInstance(protocol);
                made.init(new KeyManager[] {keys}, null, null);
                return made;
            } catch (GeneralSecurityException e) {
                throw new IOException("no " + protocol, e);
            }
        }
    }
}
