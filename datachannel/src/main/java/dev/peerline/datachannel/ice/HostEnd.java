package dev.peerline.datachannel.ice;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpSocket;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** A socket of a port, and who is behind which remote address. */
final class HostEnd implements LocalEnd {
    /** A session whose peer has not sent a check for so long leaves its address to another. */
    private static final long SILENT_NANOS = 8_000_000_000L;

    private static final MutableAddress ANY = new MutableAddress();

    private final UdpDriver driver;
    private final UdpSocket socket;
    private final int localPreference;
    private final MutableAddress destination = new MutableAddress();
    private final Map<TransportAddress, Peer> peers = new HashMap<>();
    private final MutableAddress lastSource = new MutableAddress();
    private @Nullable Peer lastPeer;
    private boolean gone;
    private boolean closed;

    /** Whose packets come from one remote address. */
    private static final class Peer {
        private final PortSession session;
        private long heardNanos;

        Peer(PortSession session, long heardNanos) {
            this.session = session;
            this.heardNanos = heardNanos;
        }
    }

    HostEnd(UdpDriver driver, UdpSocket socket, int localPreference) {
        this.driver = driver;
        this.socket = socket;
        this.localPreference = localPreference;
    }

    UdpSocket socket() {
        return socket;
    }

    /** Whether its address was not this machine's any more, when that was looked at last. */
    boolean isGone() {
        return gone;
    }

    void gone(boolean now) {
        gone = now;
    }

    void close() {
        closed = true;
        socket.close();
    }

    /** Whether no session has a peer here. */
    boolean isIdle() {
        return peers.isEmpty();
    }

    /**
     * Notes that this session's peer was heard from there.
     *
     * @return false if it is another session's address, which is alive
     */
    boolean claim(TransportAddress from, PortSession session, long nowNanos) {
        Peer peer = peers.get(from);
        if (peer != null && peer.session == session) {
            peer.heardNanos = nowNanos;
            return true;
        }
        if (peer != null && nowNanos - peer.heardNanos < SILENT_NANOS) return false;
        if (peer != null) peer.session.lost(this, from);
        peers.put(from, new Peer(session, nowNanos));
        lastPeer = null;
        return true;
    }

    void release(TransportAddress from, PortSession session) {
        Peer peer = peers.get(from);
        if (peer == null || peer.session != session) return;
        peers.remove(from);
        lastPeer = null;
    }

    /** Whose packets come from there, or null. */
    @Nullable PortSession owner(MutableAddress from) {
        Peer last = lastPeer;
        if (last != null
                && from.low() == lastSource.low()
                && from.high() == lastSource.high()
                && from.port() == lastSource.port()) {
            return last.session;
        }
        Peer peer = peers.get(from.toAddress());
        if (peer == null) return null;
        lastSource.set(from);
        lastPeer = peer;
        return peer.session;
    }

    @Override
    public TransportAddress address() {
        return socket.localAddress();
    }

    @Override
    public IceCandidate.Kind kind() {
        return IceCandidate.Kind.HOST;
    }

    @Override
    public int typePreference() {
        return CandidatePriority.HOST;
    }

    @Override
    public int localPreference() {
        return localPreference;
    }

    @Override
    public boolean send(ByteBuffer packet, TransportAddress to) {
        if (closed) return false;
        int bytes = packet.remaining();
        int at = driver.scratch(bytes);
        driver.memory().put(at, packet, packet.position(), bytes);
        socket.send(driver.outgoing().of(at, bytes), destination.set(to), ANY);
        return true;
    }
}
