package dev.peerline.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An HTTP/1.1 client that sends exactly what it is told, a Host of somebody else included. */
final class RawHttp {
    private static final int TIMEOUT_MILLIS = 10_000;

    private RawHttp() {}

    /**
     * What came back.
     *
     * @param octets the body, a character for each byte
     */
    record Answer(int status, List<String> headers, String octets) {
        @Nullable String header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            for (String header : headers)
                if (header.toLowerCase(Locale.ROOT).startsWith(prefix))
                    return header.substring(prefix.length()).strip();
            return null;
        }

        String text() {
            return new String(body(), UTF_8);
        }

        byte[] body() {
            return octets.getBytes(ISO_8859_1);
        }

        /** The {@code code} of a problem; empty when the answer is none. */
        String code() {
            String text = text();
            int start = text.indexOf("\"code\":\"");
            if (!"application/problem+json".equals(header("Content-Type")) || start < 0) return "";
            return text.substring(start + 8, text.indexOf('"', start + 8));
        }
    }

    static Answer get(int port, String path, String... headers) throws IOException {
        return send(port, "GET", path, headers);
    }

    /**
     * Sends a request without a body and reads the answer.
     *
     * @param headers lines such as {@code Origin: http://a}; a Host is added unless one is there
     */
    static Answer send(int port, String method, String path, String... headers) throws IOException {
        return send(InetAddress.ofLiteral("127.0.0.1"), port, method, path, headers);
    }

    static Answer send(InetAddress address, int port, String method, String path, String... headers)
            throws IOException {
        List<String> lines = new ArrayList<>(List.of(headers));
        if (lines.stream().noneMatch(line -> line.startsWith("Host:")))
            lines.add("Host: localhost:" + port);
        lines.removeIf("Host:"::equals);
        if (lines.stream().noneMatch(line -> line.startsWith("Connection:")))
            lines.add("Connection: close");
        String head = method + " " + path + " HTTP/1.1\r\n" + String.join("\r\n", lines);
        try (Socket socket = open(address, port)) {
            socket.getOutputStream().write((head + "\r\n\r\n").getBytes(ISO_8859_1));
            return read(socket.getInputStream(), method.equals("HEAD"));
        }
    }

    static Socket open(InetAddress address, int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
        return socket;
    }

    /** Reads one answer: its body ends with its length, or with the connection. */
    static Answer read(InputStream in, boolean headOnly) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) lines.add(line);
        if (lines.isEmpty()) throw new IOException("the connection was closed without an answer");
        int status = Integer.parseInt(lines.getFirst().split(" ", 3)[1]);
        Answer head = new Answer(status, lines.subList(1, lines.size()), "");
        if (headOnly || status == 101 || status == 204 || status == 304) return head;
        String length = head.header("Content-Length");
        byte[] body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
        return new Answer(status, head.headers(), new String(body, ISO_8859_1));
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read())
            if (octet != '\r') line.write(octet);
        return line.toString(ISO_8859_1);
    }
}
