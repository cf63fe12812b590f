package dev.peerline.turn.io;

import dev.peerline.turn.Tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

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
    private volatile SSLContext context;
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
        context = reader.read(certificates, key);
    }

    /**
     * Reads the files again if one has changed; whether it did. What is wrong leaves the old in
     * use.
     */
    public boolean reload() throws IOException {
        FileTime modified = modified();
        if (modified.equals(readAt)) return false;
        context = reader.read(certificates, key);
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
}
