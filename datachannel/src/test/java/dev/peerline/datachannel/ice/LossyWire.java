package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Two sockets between two peers, as a NAT on each side would be: each peer is told of the one that
 * is not the other peer. What goes from one to the other is lost at random, or by a rule.
 */
public final class LossyWire implements AutoCloseable {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    private final DatagramSocket towardsFirst = new DatagramSocket(0, HERE);
    private final DatagramSocket towardsSecond = new DatagramSocket(0, HERE);
    private final InetSocketAddress first;
    private final InetSocketAddress second;

    LossyWire(InetSocketAddress first, InetSocketAddress second, double loss, long seed)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom other = random.split();
        this(first, second, _ -> random.nextDouble() < loss, _ -> other.nextDouble() < loss);
    }

    /** The rules say what is lost on the way to the second, and on the way to the first. */
    public LossyWire(
            InetSocketAddress first,
            InetSocketAddress second,
            Predicate<DatagramPacket> lostToSecond,
            Predicate<DatagramPacket> lostToFirst)
            throws IOException {
        this.first = first;
        this.second = second;
        Thread.ofVirtual().start(() -> pump(towardsFirst, towardsSecond, second(), lostToSecond));
        Thread.ofVirtual().start(() -> pump(towardsSecond, towardsFirst, first(), lostToFirst));
    }

    private InetSocketAddress first() {
        return first;
    }

    private InetSocketAddress second() {
        return second;
    }

    /** What the first peer is told the second one's address is. */
    public IceCandidate secondForFirst() {
        return candidate(towardsFirst);
    }

    public IceCandidate firstForSecond() {
        return candidate(towardsSecond);
    }

    private static IceCandidate candidate(DatagramSocket socket) {
        return IceCandidate.udp(
                "1", 1 << 24, "127.0.0.1", socket.getLocalPort(), IceCandidate.Kind.HOST);
    }

    private void pump(
            DatagramSocket in,
            DatagramSocket out,
            InetSocketAddress to,
            Predicate<DatagramPacket> lost) {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        try {
            while (true) {
                packet.setLength(2000);
                in.receive(packet);
                if (lost.test(packet)) continue;
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
