package dev.peerline.turn;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import org.jspecify.annotations.Nullable;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** A blocking TURN client for tests, over UDP, TCP, TLS or DTLS. */
final class SocketClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final byte[] KEY = PasswordAlgorithm.MD5.key("user", "peerline", "pass");

    private final @Nullable DatagramSocket datagrams;
    private final @Nullable Socket stream;
    private byte[] nonce = {};
    private int transaction;

    private SocketClient(@Nullable DatagramSocket datagrams, @Nullable Socket stream) {
        this.datagrams = datagrams;
        this.stream = stream;
    }

    static SocketClient udp(InetSocketAddress server) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, server.getAddress());
        socket.connect(server);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return new SocketClient(socket, null);
    }

    static SocketClient tcp(InetSocketAddress server) throws IOException {
        Socket socket = new Socket(server.getAddress(), server.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return new SocketClient(null, socket);
    }

    static SocketClient tls(InetSocketAddress server) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null, new TrustManager[] {new TestCertificates.TrustAll()}, new SecureRandom());
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(server.getAddress(), server.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"stun.turn"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new SocketClient(null, socket);
    }

    /** Over DTLS, from a port of its own. */
    static SocketClient dtls(InetSocketAddress server)
            throws IOException, GeneralSecurityException {
        DtlsSocket socket = new DtlsSocket(server, 0, 0);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return over(socket);
    }

    static SocketClient over(DatagramSocket connected) {
        return new SocketClient(connected, null);
    }

    String protocol() {
        return datagrams instanceof DtlsSocket secure
                ? secure.engine().getApplicationProtocol()
                : ((SSLSocket) socket()).getApplicationProtocol();
    }

    String certificateName() throws IOException {
        var session =
                datagrams instanceof DtlsSocket secure
                        ? secure.engine().getSession()
                        : ((SSLSocket) socket()).getSession();
        var chain = session.getPeerCertificates();
        return ((X509Certificate) chain[0]).getSubjectX500Principal().getName();
    }

    private Socket socket() {
        if (stream == null) throw new IllegalStateException("no stream");
        return stream;
    }

    /** The relayed address; an allocation that is there already is released first. */
    InetSocketAddress allocate() throws IOException {
        ask(StunType.REFRESH, it -> it.number(StunAttribute.LIFETIME, 0));
        StunReader answer =
                ask(
                        StunType.ALLOCATE,
                        it -> {
                            it.number(StunAttribute.REQUESTED_TRANSPORT, 17L << 24);
                            boolean ipv6 = !local().isIpv4();
                            if (ipv6) it.number(StunAttribute.REQUESTED_ADDRESS_FAMILY, 2L << 24);
                        });
        if (answer.errorCode() != 0) throw new IOException("allocate: " + answer.errorCode());
        MutableAddress relayed = new MutableAddress();
        answer.xorAddress(answer.find(StunAttribute.XOR_RELAYED_ADDRESS), relayed);
        return relayed.toAddress().inetSocketAddress();
    }

    private TransportAddress local() {
        return datagrams != null
                ? TransportAddress.of(datagrams.getLocalAddress(), 0)
                : TransportAddress.of(socket().getLocalAddress(), 0);
    }

    /** Allocates; the ticket with which it can be moved (RFC 8016). */
    byte[] allocateMobile() throws IOException {
        StunReader answer =
                reply(
                        StunType.ALLOCATE,
                        it ->
                                it.number(StunAttribute.REQUESTED_TRANSPORT, 17L << 24)
                                        .bytes(StunAttribute.MOBILITY_TICKET, new byte[0]));
        return answer.value(answer.find(StunAttribute.MOBILITY_TICKET));
    }

    /** Takes an allocation over from wherever it is. */
    void take(byte[] ticket) throws IOException {
        reply(StunType.REFRESH, it -> it.bytes(StunAttribute.MOBILITY_TICKET, ticket));
    }

    /** A relayed address for TCP (RFC 6062). */
    InetSocketAddress allocateTcp() throws IOException {
        StunReader answer =
                reply(
                        StunType.ALLOCATE,
                        it -> it.number(StunAttribute.REQUESTED_TRANSPORT, 6L << 24));
        MutableAddress relayed = new MutableAddress();
        answer.xorAddress(answer.find(StunAttribute.XOR_RELAYED_ADDRESS), relayed);
        return relayed.toAddress().inetSocketAddress();
    }

    private StunReader reply(int method, Consumer<StunWriter> body) throws IOException {
        StunReader answer = ask(method, body);
        if (answer.errorCode() != 0) throw new IOException("refused with " + answer.errorCode());
        return answer;
    }

    void permit(InetSocketAddress peer) throws IOException {
        reply(
                StunType.CREATE_PERMISSION,
                it -> it.xorAddress(StunAttribute.XOR_PEER_ADDRESS, TransportAddress.of(peer)));
    }

    /** Has the relay connect to a peer; what to come for. */
    int connect(InetSocketAddress peer) throws IOException {
        StunReader answer =
                reply(
                        StunType.CONNECT,
                        it ->
                                it.xorAddress(
                                        StunAttribute.XOR_PEER_ADDRESS, TransportAddress.of(peer)));
        return (int) answer.number(answer.find(StunAttribute.CONNECTION_ID));
    }

    /** Waits for a peer to connect; what to come for. */
    int awaitAttempt() throws IOException {
        byte[] bytes = read();
        StunReader reader = new StunReader();
        boolean good =
                reader.parse(ByteBuffer.wrap(bytes), 0, bytes.length) == StunParse.OK
                        && reader.method() == StunType.CONNECTION_ATTEMPT
                        && reader.messageClass() == StunType.INDICATION;
        if (!good) throw new IOException("no ConnectionAttempt");
        return (int) reader.number(reader.find(StunAttribute.CONNECTION_ID));
    }

    /** Comes for a connection: this one then carries what the peer sends and is sent. */
    Socket come(int id) throws IOException {
        reply(
                StunType.CONNECTION_BIND,
                it -> it.number(StunAttribute.CONNECTION_ID, Integer.toUnsignedLong(id)));
        return socket();
    }

    void bind(int channel, InetSocketAddress peer) throws IOException {
        StunReader answer =
                ask(
                        StunType.CHANNEL_BIND,
                        it ->
                                it.number(StunAttribute.CHANNEL_NUMBER, (long) channel << 16)
                                        .xorAddress(
                                                StunAttribute.XOR_PEER_ADDRESS,
                                                TransportAddress.of(peer)));
        if (answer.errorCode() != 0) throw new IOException("bind: " + answer.errorCode());
    }

    private StunReader ask(int method, Consumer<StunWriter> body) throws IOException {
        for (int round = 0; ; round++) {
            write(request(method, body));
            byte[] bytes = read();
            StunReader answer = new StunReader();
            if (answer.parse(ByteBuffer.wrap(bytes), 0, bytes.length) != StunParse.OK) {
                throw new IOException("not STUN");
            }
            int code = answer.errorCode();
            if ((code != 401 && code != 438) || round == 2) return answer;
            nonce = answer.value(answer.find(StunAttribute.NONCE));
        }
    }

    private byte[] request(int method, Consumer<StunWriter> body) {
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        int type = StunType.of(method, StunType.REQUEST);
        StunWriter writer = new StunWriter().begin(buffer, 0, type, ++transaction, 42);
        body.accept(writer);
        if (nonce.length > 0) {
            writer.text(StunAttribute.USERNAME, "user")
                    .text(StunAttribute.REALM, "peerline")
                    .bytes(StunAttribute.NONCE, nonce)
                    .integrity(new StunIntegrity(), StunIntegrity.Kind.SHA1, KEY);
        }
        return Arrays.copyOf(buffer.array(), writer.length());
    }

    void channelData(int channel, byte[] payload) throws IOException {
        int padding = stream == null ? 0 : -payload.length & 3;
        write(
                ByteBuffer.allocate(4 + payload.length + padding)
                        .putShort((short) channel)
                        .putShort((short) payload.length)
                        .put(payload)
                        .array());
    }

    byte[] readChannelData(int channel) throws IOException {
        ByteBuffer frame = ByteBuffer.wrap(read());
        if (frame.getShort() != channel) throw new IOException("not of channel " + channel);
        byte[] payload = new byte[frame.getShort()];
        frame.get(payload);
        return payload;
    }

    private void write(byte[] bytes) throws IOException {
        if (datagrams != null) {
            datagrams.send(new DatagramPacket(bytes, bytes.length));
        } else {
            socket().getOutputStream().write(bytes);
            socket().getOutputStream().flush();
        }
    }

    private byte[] read() throws IOException {
        if (datagrams != null) {
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            datagrams.receive(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        }
        DataInputStream in = new DataInputStream(socket().getInputStream());
        int word = in.readInt();
        int length = word & 0xffff;
        byte[] bytes = new byte[word >>> 30 == 0 ? 20 + length : 4 + (length + 3 & ~3)];
        ByteBuffer.wrap(bytes).putInt(word);
        in.readFully(bytes, 4, bytes.length - 4);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        if (datagrams != null) datagrams.close();
        if (stream != null) stream.close();
    }
}
