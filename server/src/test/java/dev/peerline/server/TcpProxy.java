package dev.peerline.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
            Thread.ofVirtual().start(() -> pump(client, server, number));
            Thread.ofVirtual().start(() -> pump(server, client, number));
        } catch (IOException _) {
            closeQuietly(client);
        }
    }

    private void pump(Socket from, Socket to, int number) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int size; (size = in.read(buffer)) >= 0; ) {
                if (number >= deafBefore) out.write(buffer, 0, size);
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
