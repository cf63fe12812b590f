package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.PacketAnswer;
import dev.peerline.fallback.link.wire.Bytes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One connection of HTTP/1.1, on which requests and answers follow each other as a test says. */
final class RawConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int TRICKLE_MILLIS = 20;

    private final String path;
    private final Socket socket = new Socket();
    private final PushbackInputStream in;

    RawConnection(URI uri) {
        path = uri.getPath();
        try {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort()));
            in = new PushbackInputStream(socket.getInputStream());
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
    }

    RawConnection get(String query, String... headers) {
        return send("GET", query, Bytes.EMPTY, headers);
    }

    RawConnection post(Bytes packet) {
        return send(
                "POST",
                "",
                packet,
                "Content-Type: " + PacketAnswer.TYPE,
                "Content-Length: " + packet.length());
    }

    /** The head of a POST, whose body is still to come. */
    RawConnection beginPost(int length) {
        return send(
                "POST",
                "",
                Bytes.EMPTY,
                "Content-Type: " + PacketAnswer.TYPE,
                "Content-Length: " + length);
    }

    /** Sends one octet after the other until there is an answer. */
    HttpClientPeer.Answer trickle() {
        try {
            socket.setSoTimeout(TRICKLE_MILLIS);
            for (int first = -1; first < 0; ) {
                socket.getOutputStream().write(0);
                first = firstOctet();
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            return answer();
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
    }

    /** That of an answer, which stays to be read; -1 when none has come. */
    private int firstOctet() throws IOException {
        try {
            int octet = in.read();
            if (octet < 0) throw new AssertionError("closed without an answer");
            in.unread(octet);
            return octet;
        } catch (SocketTimeoutException _) {
            return -1;
        }
    }

    RawConnection send(String method, String query, Bytes body, String... headers) {
        String head =
                "%s %s%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"
                        .formatted(method, path, query, String.join("\r\n", headers));
        try {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body.toArray());
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
        return this;
    }

    /** Reads one answer whose length is told. */
    HttpClientPeer.Answer answer() {
        try {
            String first = line(in);
            if (first.isEmpty()) throw new AssertionError("closed without an answer");
            int status = Integer.parseInt(first.split(" ", 3)[1]);
            Map<String, List<String>> headers = new HashMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String[] parts = line.split(": ", 2);
                headers.put(parts[0].toLowerCase(Locale.ROOT), List.of(parts[1]));
            }
            String length = headers.getOrDefault("content-length", List.of("0")).getFirst();
            return HttpClientPeer.answer(status, headers, in.readNBytes(Integer.parseInt(length)));
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
    }

    /** Waits until the other side closes; false when it says something instead. */
    boolean closes() {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    private static String line(InputStream in) throws IOException {
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
