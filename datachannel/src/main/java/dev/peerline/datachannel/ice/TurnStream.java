package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.turn.TurnFramer;
import dev.peerline.net.TransportAddress;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * TURN over TCP or TLS: two virtual threads that wait, one that reads and one that writes, and the
 * loop's thread that never does.
 */
final class TurnStream implements TurnTransport {
    private static final int CONNECT_MILLIS = 8000;

    /** Messages that wait to be written; what comes beyond is dropped, as any datagram may be. */
    private static final int MAX_WAITING = 512;

    /** Messages that were read and that the loop has not looked at: then the server waits. */
    private static final int MAX_UNREAD = 256;

    private static final byte[] END = {};

    private final IceLoop loop;
    private final IceServer server;
    private final TransportAddress place;
    private final Events events;
    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Semaphore unread = new Semaphore(MAX_UNREAD);
    private final Socket plain = new Socket();
    private final Thread reader;
    private volatile boolean closing;

    TurnStream(IceLoop loop, IceServer server, TransportAddress place, Events events) {
        this.loop = loop;
        this.server = server;
        this.place = place;
        this.events = events;
        reader = Thread.ofVirtual().name("peerline-turn-read").start(this::run);
    }

    private void run() {
        try (plain) {
            plain.setTcpNoDelay(true);
            plain.connect(place.inetSocketAddress(), CONNECT_MILLIS);
            try (Socket socket = server.kind() == IceServer.Kind.TURN_TLS ? secure() : plain) {
                Thread.ofVirtual().name("peerline-turn-write").start(() -> write(socket));
                loop.execute(events::ready);
                read(socket.getInputStream());
            }
        } catch (IOException e) {
            broken(e);
        } catch (InterruptedException _) {
            // closed
        } finally {
            waiting.clear();
            waiting.offer(END);
        }
    }

    private void broken(IOException e) {
        if (closing) return;
        String hint =
                switch (e) {
                    case EOFException _ -> "the server closed the connection";
                    case SSLException _ ->
                            "no TLS with this server ("
                                    + e.getMessage()
                                    + "): is its certificate"
                                    + " for this name, and by an authority that is trusted here?";
                    default ->
                            "no connection ("
                                    + e.getMessage()
                                    + "): is the server up, and does a"
                                    + " firewall let TCP through?";
                };
        loop.execute(() -> events.broken(hint));
    }

    private SSLSocket secure() throws IOException {
        SSLSocket socket =
                (SSLSocket) factory().createSocket(plain, server.host(), server.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        if (server.trust() == IceServer.TlsTrust.SYSTEM)
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(CONNECT_MILLIS);
        socket.startHandshake();
        socket.setSoTimeout(0);
        return socket;
    }

    private SSLSocketFactory factory() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager[] any = {new AnyCertificate()};
            context.init(null, server.trust() == IceServer.TlsTrust.ANY ? any : null, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS is not to be had: " + e.getMessage(), e);
        }
    }

    private void read(InputStream in) throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(2 * TurnFramer.MAX_FRAME_BYTES);
        while (true) {
            int count = in.read(buffer.array(), buffer.position(), buffer.remaining());
            if (count < 0) throw new EOFException();
            buffer.position(buffer.position() + count).flip();
            int bytes;
            while ((bytes = TurnFramer.frameBytes(buffer)) > 0 && bytes <= buffer.remaining()) {
                byte[] message = new byte[bytes];
                buffer.get(message);
                unread.acquire();
                loop.execute(() -> hand(message));
            }
            if (bytes == TurnFramer.BROKEN) throw new IOException("not TURN over TCP");
            buffer.compact();
        }
    }

    private void hand(byte[] message) {
        unread.release();
        if (!closing) events.received(ByteBuffer.wrap(message));
    }

    private void write(Socket socket) {
        try (socket) {
            OutputStream out = socket.getOutputStream();
            ByteBuffer together = ByteBuffer.allocate(1 << 14);
            for (byte[] next = waiting.take(); next.length > 0; next = waiting.take()) {
                together.clear().put(next);
                // what waits goes in one write, and with TLS in one record
                for (byte[] more = waiting.peek();
                        more != null && more.length > 0 && more.length <= together.remaining();
                        more = waiting.peek()) {
                    together.put(waiting.take());
                }
                out.write(together.array(), 0, together.position());
                out.flush();
            }
        } catch (IOException e) {
            broken(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean send(ByteBuffer message) {
        byte[] copy = new byte[message.remaining()];
        message.get(message.position(), copy);
        return !closing && waiting.offer(copy);
    }

    @Override
    public String protocol() {
        return server.kind() == IceServer.Kind.TURN_TLS ? "tls" : "tcp";
    }

    @Override
    public void close() {
        closing = true;
        if (!waiting.offer(END)) reader.interrupt();
    }
}
