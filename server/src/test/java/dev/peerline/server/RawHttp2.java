package dev.peerline.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.peerline.fallback.link.wire.Bytes;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** Frames of HTTP/2 (RFC 9113 §4.1), sound or not, over TLS. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int RST_STREAM = 0x3;
    static final int SETTINGS = 0x4;
    static final int PING = 0x6;
    static final int GOAWAY = 0x7;
    static final int CONTINUATION = 0x9;
    static final int END_STREAM = 0x1;
    static final int END_HEADERS = 0x4;

    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket tcp;
    private final DataOutputStream out;
    private final DataInputStream in;

    /**
     * A frame.
     *
     * @param payload all of it
     */
    record Frame(int type, int flags, int stream, Bytes payload) {
        /** Of a GOAWAY. */
        int error() {
            return payload.buffer().getInt(Integer.BYTES);
        }
    }

    RawHttp2(int port) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
        tcp = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(tcp, "127.0.0.1", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.startHandshake();
        out = new DataOutputStream(socket.getOutputStream());
        in = new DataInputStream(socket.getInputStream());
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        send(SETTINGS, 0, 0);
    }

    void send(int type, int flags, int stream, byte... payload) throws IOException {
        out.write(frame(type, flags, stream, payload));
    }

    /** Many at once. */
    void send(byte... frames) throws IOException {
        out.write(frames);
    }

    /** A frame's bytes. */
    static byte[] frame(int type, int flags, int stream, byte... payload) {
        byte[] frame = new byte[9 + payload.length];
        frame[0] = (byte) (payload.length >> 16);
        frame[1] = (byte) (payload.length >> 8);
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        frame[5] = (byte) (stream >> 24);
        frame[6] = (byte) (stream >> 16);
        frame[7] = (byte) (stream >> 8);
        frame[8] = (byte) stream;
        System.arraycopy(payload, 0, frame, 9, payload.length);
        return frame;
    }

    /** Asks for a path. */
    void get(int stream, String path) throws IOException {
        send(HEADERS, END_HEADERS | END_STREAM, stream, request(path));
    }

    /** The header block of a GET, without a table (RFC 7541 §6.2.2). */
    static byte[] request(String path) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x82); // :method GET
        block.write(0x87); // :scheme https
        literal(block, ":path", path);
        literal(block, ":authority", "localhost");
        return block.toByteArray();
    }

    static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0x00);
        string(block, name);
        string(block, value);
    }

    /** RFC 7541 §5.2, not Huffman coded. */
    static void string(ByteArrayOutputStream block, String text) {
        int length = text.length();
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            int rest = length - 127;
            for (; rest >= 128; rest >>= 7) block.write(rest % 128 + 128);
            block.write(rest);
        }
        block.writeBytes(text.getBytes(US_ASCII));
    }

    /** The next; fails when there is none. */
    Frame next() throws IOException {
        int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(type, flags, stream, Bytes.of(payload));
    }

    /** At once: TLS would wait for what is being written to leave. */
    @Override
    public void close() throws IOException {
        tcp.close();
    }
}
