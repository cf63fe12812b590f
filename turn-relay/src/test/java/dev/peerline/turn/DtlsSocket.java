package dev.peerline.turn;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** A connected socket whose datagrams go in DTLS records, by the JDK's client side. */
final class DtlsSocket extends DatagramSocket {
    private static final int RESEND_MILLIS = 300;
    private static final int MAX_RESENDS = 40;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final InetSocketAddress server;
    private final ByteBuffer plain = ByteBuffer.allocate(20_000);
    private final int lost;
    private int sent;
    private int received;

    /**
     * Connects and shakes hands.
     *
     * @param port of its own; 0 for any
     * @param lost which datagram of the handshake gets lost: the first of the client is 1, the
     *     first of the server -1; 0 for none
     */
    DtlsSocket(InetSocketAddress server, int port, int lost)
            throws IOException, GeneralSecurityException {
        super(port, server.getAddress());
        this.server = server;
        this.lost = lost;
        engine = newEngine();
        setSoTimeout(RESEND_MILLIS);
        shakeHands();
    }

    private static SSLEngine newEngine() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("DTLS");
        context.init(
                null, new TrustManager[] {new TestCertificates.TrustAll()}, new SecureRandom());
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"stun.turn"});
        parameters.setMaximumPacketSize(16_000);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Its first flight, as a stranger sends it. */
    static byte[] hello() throws IOException, GeneralSecurityException {
        SSLEngine stranger = newEngine();
        stranger.beginHandshake();
        ByteBuffer record = ByteBuffer.allocate(20_000);
        stranger.wrap(NOTHING, record);
        byte[] bytes = new byte[record.flip().remaining()];
        record.get(bytes);
        return bytes;
    }

    SSLEngine engine() {
        return engine;
    }

    private void shakeHands() throws IOException {
        engine.beginHandshake();
        int resends = 0;
        while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> wrap(NOTHING);
                case NEED_UNWRAP_AGAIN -> unwrap(NOTHING.duplicate());
                default -> {
                    try {
                        unwrap(wire());
                    } catch (SocketTimeoutException late) {
                        if (++resends > MAX_RESENDS) throw late;
                        wrap(NOTHING);
                    }
                }
            }
        }
    }

    private void wrap(ByteBuffer data) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(20_000);
        boolean shaking = engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
        SSLEngineResult result = engine.wrap(data, record);
        if (data.hasRemaining()) throw new IOException("not all was taken: " + result);
        record.flip();
        if (!record.hasRemaining() || (shaking && ++sent == lost)) return;
        super.send(new DatagramPacket(record.array(), record.remaining(), server));
    }

    private ByteBuffer wire() throws IOException {
        while (true) {
            DatagramPacket packet = new DatagramPacket(new byte[20_000], 20_000);
            super.receive(packet);
            boolean shaking = engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
            if (!shaking || --received != lost)
                return ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
        }
    }

    private void unwrap(ByteBuffer datagram) throws IOException {
        do {
            plain.clear();
            SSLEngineResult result = engine.unwrap(datagram, plain);
            if (result.bytesConsumed() == 0) break;
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK)
                engine.getDelegatedTask().run();
        } while (datagram.hasRemaining() && plain.position() == 0);
        plain.flip();
    }

    @Override
    public void send(DatagramPacket packet) throws IOException {
        wrap(ByteBuffer.wrap(packet.getData(), packet.getOffset(), packet.getLength()));
    }

    @Override
    public void receive(DatagramPacket packet) throws IOException {
        do {
            unwrap(wire());
        } while (!plain.hasRemaining());
        packet.setData(plain.array(), 0, plain.remaining());
    }

    /** Says goodbye. */
    void leave() throws IOException {
        engine.closeOutbound();
        wrap(NOTHING);
    }

    @Override
    public InetAddress getLocalAddress() {
        return server.getAddress();
    }
}
