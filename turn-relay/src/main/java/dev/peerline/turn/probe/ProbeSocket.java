package dev.peerline.turn.probe;

import dev.peerline.net.stun.StunReader;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/** Messages to one server and from it, over UDP or TCP. Not thread-safe. */
interface ProbeSocket extends AutoCloseable {
    void send(byte[] message) throws IOException;

    /**
     * The next message.
     *
     * @throws SocketTimeoutException when none came in time
     */
    byte[] receive(Duration patience) throws IOException;

    /** Whether what is sent may be lost, and has to be sent again. */
    boolean isLossy();

    @Override
    void close();

    static ProbeSocket udp(InetSocketAddress server) throws IOException {
        return new Udp(server);
    }

    static ProbeSocket tcp(InetSocketAddress server, Duration patience) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(server, (int) patience.toMillis());
            return new Tcp(socket);
        } catch (IOException problem) {
            socket.close();
            throw problem;
        }
    }

    /** Over a socket that is connected already, through TLS or a proxy. */
    static ProbeSocket on(Socket connected) {
        return new Tcp(connected);
    }

    /** One datagram a message. */
    final class Udp implements ProbeSocket {
        private static final int LARGEST = 2048;

        private final DatagramSocket socket;

        private Udp(InetSocketAddress server) throws IOException {
            socket = new DatagramSocket();
            socket.connect(server);
        }

        @Override
        public void send(byte[] message) throws IOException {
            socket.send(new DatagramPacket(message, message.length));
        }

        @Override
        public byte[] receive(Duration patience) throws IOException {
            socket.setSoTimeout((int) Math.max(1, patience.toMillis()));
            DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
            socket.receive(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        }

        @Override
        public boolean isLossy() {
            return true;
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** STUN alone, one after the other. */
    final class Tcp implements ProbeSocket {
        private final Socket socket;

        private Tcp(Socket socket) {
            this.socket = socket;
        }

        @Override
        public void send(byte[] message) throws IOException {
            socket.getOutputStream().write(message);
            socket.getOutputStream().flush();
        }

        @Override
        public byte[] receive(Duration patience) throws IOException {
            socket.setSoTimeout((int) Math.max(1, patience.toMillis()));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int word = in.readInt();
            byte[] message = new byte[StunReader.HEADER_BYTES + (word & 0xffff)];
            ByteBuffer.wrap(message).putInt(word);
            in.readFully(message, 4, message.length - 4);
            return message;
        }

        @Override
        public boolean isLossy() {
            return false;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException _) {
                // it is gone either way
            }
        }
    }
}
