package dev.peerline.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Before a server, to take connections away, to swallow what passes, or to lead elsewhere. */
final class TcpProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile boolean refusing;

    /** Connections of an older number are swallowed. */
    private volatile int deafBefore;

    private final AtomicInteger count = new AtomicInteger();

    /** Whose answers are kept back; null for nobody's. */
    private volatile @Nullable String kept;

    private final AtomicInteger withheld = new AtomicInteger();

    TcpProxy(int target) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    URI url(String room) {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/" + room);
    }

    /** From now on connections lead to this port. */
    void target(int port) {
        target = port;
    }

    /** Ends all connections. */
    void cut() {
        for (Socket socket : sockets) closeQuietly(socket);
    }

    /** Present connections carry nothing any more, and nobody is told. */
    void silence() {
        deafBefore = count.get() + 1;
    }

    /** Keeps back what comes down on connections that this was sent up on, as what buffers does. */
    void withholdAnswersTo(String text) {
        kept = text;
    }

    /** On how many connections something was kept back. */
    int withheld() {
        return withheld.get();
    }

    /** New connections are ended at once. */
    void refuse(boolean on) {
        refusing = on;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                if (refusing) closeQuietly(client);
                else connect(client);
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void connect(Socket client) {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            server.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(server);
            int number = count.incrementAndGet();
            AtomicBoolean mute = new AtomicBoolean();
            Thread.ofVirtual().start(() -> pump(client, server, new Way(number, true, mute)));
            Thread.ofVirtual().start(() -> pump(server, client, new Way(number, false, mute)));
        } catch (IOException _) {
            closeQuietly(client);
        }
    }

    /**
     * One way of a connection.
     *
     * @param mute whether what comes down is kept back
     */
    private record Way(int number, boolean up, AtomicBoolean mute) {}

    private boolean passes(Way way, byte[] bytes, int size) {
        String text = kept;
        if (text != null && way.up() && contains(bytes, size, text)) {
            withheld.incrementAndGet();
            way.mute().set(true);
        }
        return way.number() >= deafBefore && (way.up() || !way.mute().get());
    }

    /** Requests are small: one does not come in two parts here. */
    private static boolean contains(byte[] bytes, int size, String text) {
        return new String(bytes, 0, size, UTF_8).contains(text);
    }

    private void pump(Socket from, Socket to, Way way) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int size; (size = in.read(buffer)) >= 0; ) {
                if (passes(way, buffer, size)) out.write(buffer, 0, size);
            }
        } catch (IOException _) {
            // Cut.
        } finally {
            sockets.remove(from);
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is of no use any more.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
