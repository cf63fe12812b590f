package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;

/**
 * Two sockets between two peers, as a NAT on each side would be: each peer is told of the one that
 * is not the other peer. What goes from one to the other is lost at random.
 */
final class LossyWire implements AutoCloseable {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    private final DatagramSocket towardsFirst = new DatagramSocket(0, HERE);
    private final DatagramSocket towardsSecond = new DatagramSocket(0, HERE);
    private final InetSocketAddress first;
    private final InetSocketAddress second;
    private final double loss;

    LossyWire(InetSocketAddress first, InetSocketAddress second, double loss, long seed)
            throws IOException {
        this.first = first;
        this.second = second;
        this.loss = loss;
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom other = random.split();
        Thread.ofVirtual().start(() -> pump(towardsFirst, towardsSecond, second(), random));
        Thread.ofVirtual().start(() -> pump(towardsSecond, towardsFirst, first(), other));
    }

    private InetSocketAddress first() {
        return first;
    }

    private InetSocketAddress second() {
        return second;
    }

    /** What the first peer is told the second one's address is. */
    IceCandidate secondForFirst() {
        return candidate(towardsFirst);
    }

    IceCandidate firstForSecond() {
        return candidate(towardsSecond);
    }

    private static IceCandidate candidate(DatagramSocket socket) {
        return IceCandidate.udp(
                "1", 1 << 24, "127.0.0.1", socket.getLocalPort(), IceCandidate.Kind.HOST);
    }

    private void pump(
            DatagramSocket in, DatagramSocket out, InetSocketAddress to, SplittableRandom random) {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        try {
            while (true) {
                packet.setLength(2000);
                in.receive(packet);
                if (random.nextDouble() < loss) continue;
                packet.setSocketAddress(to);
                out.send(packet);
            }
        } catch (IOException _) {
            // closed
        }
    }

    @Override
    public void close() {
        towardsFirst.close();
        towardsSecond.close();
    }
}
