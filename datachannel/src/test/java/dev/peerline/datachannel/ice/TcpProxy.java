package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What stands between two peers, and may break their TCP connections. */
final class TcpProxy implements AutoCloseable {
    private final ServerSocket server;
    private final InetSocketAddress target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;

    TcpProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket in = server.accept();
                if (refusing) {
                    in.close();
                    continue;
                }
                Socket out = new Socket(target.getAddress(), target.getPort());
                sockets.add(in);
                sockets.add(out);
                Thread.ofVirtual().start(() -> copy(in, out));
                Thread.ofVirtual().start(() -> copy(out, in));
            }
        } catch (IOException _) {
            // closed
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException _) {
            // cut
        }
    }

    /** Cuts all connections that there are. */
    void cut() throws IOException {
        for (Socket each : sockets) {
            try (each) {
                each.setSoLinger(true, 0); // a reset
            } catch (SocketException _) {
                // closed already
            }
        }
        sockets.clear();
    }

    /** Lets nobody through any more. */
    void refuse() throws IOException {
        refusing = true;
        cut();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
