package dev.peerline.server.http;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * A file that is served from memory.
 *
 * @param type its Content-Type
 * @param etag weak, since one tag stands for both encodings
 * @param plain its bytes; read-only
 * @param gzipped the same compressed; null where that would not be smaller
 */
record Resource(String type, String etag, ByteBuffer plain, @Nullable ByteBuffer gzipped) {
    private static final int ETAG_BYTES = 12;

    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("html", "text/html; charset=utf-8"),
                    Map.entry("js", "text/javascript; charset=utf-8"),
                    Map.entry("mjs", "text/javascript; charset=utf-8"),
                    Map.entry("css", "text/css; charset=utf-8"),
                    Map.entry("json", "application/json"),
                    Map.entry("map", "application/json"),
                    Map.entry("webmanifest", "application/manifest+json"),
                    Map.entry("svg", "image/svg+xml"),
                    Map.entry("png", "image/png"),
                    Map.entry("ico", "image/x-icon"),
                    Map.entry("woff2", "font/woff2"),
                    Map.entry("txt", "text/plain; charset=utf-8"));

    /** A file's content under a name whose ending tells its type. */
    static Resource of(String name, byte[] bytes) {
        String ending = name.substring(name.lastIndexOf('.') + 1);
        byte[] gzipped = gzip(bytes);
        return new Resource(
                TYPES.getOrDefault(ending, "application/octet-stream"),
                "W/\"" + hash(bytes) + "\"",
                ByteBuffer.wrap(bytes).asReadOnlyBuffer(),
                gzipped.length < bytes.length ? ByteBuffer.wrap(gzipped).asReadOnlyBuffer() : null);
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return out.toByteArray();
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(hash, ETAG_BYTES));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
