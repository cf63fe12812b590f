package dev.peerline.turn;

import dev.peerline.turn.io.PemFiles;

import java.io.IOException;
import java.nio.file.Path;

import javax.net.ssl.KeyManager;

/**
 * PEM files with a certificate and its key, which are read again when they change.
 *
 * @param certificates the chain, the server's own first
 * @param reader how they are read
 */
public record Tls(Path certificates, Path key, Reader reader) {
    /** Makes of the two files what a context takes; not called by two threads at once. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Reads them.
         *
         * @throws IOException if they cannot be used; the message says what is wrong with which
         */
        KeyManager read(Path certificates, Path key) throws IOException;
    }

    /** Keys that are PKCS #8 and not encrypted. */
    public Tls(Path certificates, Path key) {
        this(certificates, key, PemFiles::read);
    }
}
