package dev.peerline.server;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A WebSocket that is only read from (RFC 6455), over a socket of its own. The JDK's client (25)
 * sometimes ends with "Invalid UTF-8" where many are opened beside one another; in a capture of
 * such a run all frames of the server were whole and in order. Why was not found.
 */
final class RawWebSocket implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int TEXT = 0x81;
    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    private final Socket socket;
    private final DataInputStream in;

    /**
     * Opens it.
     *
     * @param resource with the scheme {@code http}
     * @param query with its question mark
     */
    RawWebSocket(URI resource, String query, @Nullable String token) throws IOException {
        socket = new Socket(resource.getHost(), resource.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        String authorization = token == null ? "" : "Authorization: Bearer " + token + "\r\n";
        String request =
                """
                GET %s%s HTTP/1.1\r
                Host: %s\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                %s\r
                """
                        .formatted(
                                resource.getRawPath(),
                                query,
                                resource.getAuthority(),
                                authorization);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String status = line();
        for (String line = line(); !line.isEmpty(); line = line()) {}
        if (!status.startsWith("HTTP/1.1 101 ")) throw new IOException(status);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.readByte(); octet != '\n'; octet = in.readByte()) {
            if (octet != '\r') line.append((char) octet);
        }
        return line.toString();
    }

    /** The next text. */
    String next() throws IOException {
        while (true) {
            int type = in.readUnsignedByte();
            byte[] payload = new byte[length()];
            in.readFully(payload);
            switch (type) {
                case TEXT -> {
                    return new String(payload, StandardCharsets.UTF_8);
                }
                case CLOSE ->
                        throw new EOFException(
                                "closed %d %s"
                                        .formatted(
                                                ByteBuffer.wrap(payload).getShort(),
                                                new String(
                                                        payload,
                                                        2,
                                                        payload.length - 2,
                                                        StandardCharsets.UTF_8)));
                case PING -> {}
                default -> throw new IOException("a frame of type " + type);
            }
        }
    }

    /** Not masked: a mask would show as a length that is too large. */
    private int length() throws IOException {
        int length = in.readUnsignedByte();
        return switch (length) {
            case LENGTH_16 -> in.readUnsignedShort();
            case LENGTH_64 -> Math.toIntExact(in.readLong());
            default -> length;
        };
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // It is over in any case.
        }
    }
}
