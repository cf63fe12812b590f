package dev.peerline.datachannel.ice;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection of ours to a candidate of the peer's (RFC 6544), which is both an end and the
 * only way from it. Used on the loop's thread alone.
 */
final class TcpActive implements TcpEnd, TcpLink.Events {
    private static final long CONNECT_NANOS = 8_000_000_000L;

    private final SharedPort port;
    private final PortSession session;
    private final Target target;
    private final Events events;
    private final TcpLink link;
    private final TransportAddress address;
    private final IceLoop.Timer patience;
    private final MutableAddress source = new MutableAddress();
    private boolean claimed;
    private boolean up;
    private boolean closed;

    /** What to connect to, and from where. */
    record Target(TransportAddress local, TransportAddress remote, IceCandidate candidate) {}

    interface Events {
        void up(TcpActive end);

        /** It could not be had, or is over; not by {@link #close}. */
        void down(TcpActive end);
    }

    /**
     * Begins to connect; the events come later.
     *
     * @throws IOException if that is impossible from the start
     */
    TcpActive(SharedPort port, PortSession session, Target target, Events events)
            throws IOException {
        this.port = port;
        this.session = session;
        this.target = target;
        this.events = events;
        source.set(target.remote);
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.bind(target.local.inetSocketAddress());
            channel.connect(target.remote.inetSocketAddress());
            address = TransportAddress.of((InetSocketAddress) channel.getLocalAddress());
            link = new TcpLink(port.loop(), channel, this);
            if (channel.isConnected()) port.loop().execute(this::connected);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        patience = port.loop().schedule(CONNECT_NANOS, this::giveUp);
    }

    private void giveUp() {
        if (up || closed) return;
        close();
        events.down(this);
    }

    Target target() {
        return target;
    }

    boolean isUp() {
        return up && !closed;
    }

    /** Notes that the peer has sent a good check over it. */
    boolean claim() {
        claimed = true;
        return true;
    }

    @Override
    public void connected() {
        if (closed || up) return;
        up = true;
        patience.cancel();
        link.trust();
        events.up(this);
    }

    @Override
    public void packet(ByteBuffer packet) {
        if (SharedPort.isStun(packet)) port.stun(this, target.remote, packet, session);
        else if (claimed) session.data(this, source, packet);
    }

    @Override
    public void closed() {
        patience.cancel();
        if (closed) return;
        closed = true;
        events.down(this);
    }

    void close() {
        closed = true;
        patience.cancel();
        link.close();
    }

    @Override
    public TransportAddress address() {
        return address;
    }

    @Override
    public int localPreference() {
        return CandidatePriority.tcp(CandidatePriority.ACTIVE, CandidatePriority.MAX_TCP_OTHER);
    }

    @Override
    public boolean reaches(TransportAddress remote) {
        return remote.equals(target.remote);
    }

    @Override
    public boolean send(ByteBuffer packet, TransportAddress to) {
        return !closed && reaches(to) && link.send(packet);
    }
}
