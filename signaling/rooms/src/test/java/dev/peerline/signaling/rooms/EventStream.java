package dev.peerline.signaling.rooms;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.Parsed;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** A stream of server-sent events over a socket of its own, read only when a test says so. */
final class EventStream implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    /** So that little is under way in the sockets when a test wants a slow reader. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final ArrayDeque<Byte> chunk = new ArrayDeque<>();
    final int status;
    final List<String> headers = new ArrayList<>();

    /** Lines that were no part of an event. */
    final List<String> comments = new ArrayList<>();

    String lastId = "";

    /** Asks for one, and reads the head of the answer. */
    EventStream(URI uri, String query, String... headerLines) {
        try {
            socket = new Socket();
            socket.setReceiveBufferSize(BUFFER_BYTES);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort()));
            in = socket.getInputStream();
            String head =
                    "GET %s%s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n%s\r\n\r\n"
                            .formatted(uri.getPath(), query, String.join("\r\n", headerLines));
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            status = Integer.parseInt(rawLine().split(" ", 3)[1]);
            for (String line = rawLine(); !line.isEmpty(); line = rawLine()) {
                headers.add(line.toLowerCase(Locale.ROOT));
            }
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
    }

    static EventStream of(HttpClientPeer peer, URI uri) {
        return new EventStream(uri, "", "Peerline-Hello: " + peer.greeting());
    }

    /** The frames of the next event; none when the stream has ended. */
    List<DownFrame> next() {
        String data = null;
        for (String line = line(); line != null; line = line()) {
            if (line.startsWith("id: ")) {
                lastId = line.substring(4);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.isEmpty() && data != null) {
                return frames(data);
            } else if (line.startsWith(":")) {
                comments.add(line);
            }
        }
        return List.of();
    }

    /** Reads events into a peer until one holds such a frame. */
    <F extends DownFrame> F await(HttpClientPeer peer, Class<F> type) {
        while (true) {
            List<DownFrame> frames = next();
            if (frames.isEmpty()) throw new AssertionError("the stream ended without " + type);
            frames.forEach(peer::take);
            for (DownFrame frame : frames) if (type.isInstance(frame)) return type.cast(frame);
        }
    }

    /** Reads events into a peer until it has heard so much. */
    void hear(HttpClientPeer peer, int count) {
        while (peer.heard.size() < count) await(peer, DownFrame.Entry.class);
    }

    /** Reads on until a comment comes after those that came. */
    String nextComment() {
        for (String line = line(); line != null; line = line()) {
            if (line.startsWith(":")) return line;
        }
        throw new AssertionError("the stream ended");
    }

    private static List<DownFrame> frames(String data) {
        Bytes packet = Bytes.of(Base64.getDecoder().decode(data));
        if (DownFrame.readAll(packet) instanceof Parsed.Good<List<DownFrame>>(var frames)) {
            return frames;
        }
        throw new AssertionError("malformed");
    }

    private @Nullable String line() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int octet = read(); octet != '\n'; octet = read()) {
                if (octet < 0) return null;
                line.write(octet);
            }
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    /** One byte of the chunked body. */
    private int read() throws IOException {
        if (chunk.isEmpty()) {
            String size = rawLine();
            if (size.isEmpty()) size = rawLine();
            if (size.isEmpty()) return -1;
            for (byte octet : in.readNBytes(Integer.parseInt(size, 16))) chunk.add(octet);
            if (chunk.isEmpty()) return -1;
        }
        return chunk.remove();
    }

    private String rawLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
            if (octet != '\r') line.write(octet);
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
    }
}
