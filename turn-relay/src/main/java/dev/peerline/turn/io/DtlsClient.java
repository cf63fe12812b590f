package dev.peerline.turn.io;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.turn.allocation.Client;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/** A client that sends datagrams in DTLS records to a listener. */
final class DtlsClient implements Client {
    private static final int MAX_REPEATS = 4;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final DtlsListener listener;
    private final TransportAddress remote;
    private final TransportAddress local;
    private final MutableAddress to = new MutableAddress();
    private final MutableAddress from = new MutableAddress();
    private @Nullable DtlsFilter filter;

    /** Of a client that begins anew; its handshake has to succeed before it takes over. */
    private @Nullable DtlsFilter next;

    /** What the latest handshake began with. */
    private @Nullable ClientHello hello;

    private long heardNanos;
    private long toldNanos;
    private int repeats;

    /**
     * A client that has shown its address.
     *
     * @param wildcard whether the socket has to be told what it sends from
     */
    DtlsClient(
            DtlsListener listener,
            TransportAddress remote,
            TransportAddress local,
            boolean wildcard) {
        this.listener = listener;
        this.remote = remote;
        this.local = local;
        to.set(remote);
        if (wildcard) from.set(local);
    }

    void send(UdpDatagram datagram) {
        if (filter != null) filter.send(listener.gather(datagram));
    }

    MutableAddress to() {
        return to;
    }

    MutableAddress from() {
        return from;
    }

    @Nullable DtlsFilter filter() {
        return filter;
    }

    /** A handshake that begins; an unfinished one before it is forgotten. */
    void begins(ClientHello with, DtlsFilter handshake, long nowNanos) {
        hello = with.copy();
        repeats = 0;
        if (filter != null && filter.isOpen()) next = handshake;
        else filter = handshake;
        heard(nowNanos);
    }

    /** Whether this has been seen. */
    boolean hasBegunWith(ClientHello other) {
        return hello != null && hello.isAs(other) && other.hasCookie();
    }

    /** Forgets a handshake that comes to nothing, if there is a connection without it. */
    void giveUp() {
        next = null;
    }

    /** The handshake that is under way, or null. */
    @Nullable DtlsFilter handshake() {
        if (next != null) return next;
        return filter != null && !filter.isOpen() ? filter : null;
    }

    /** Looks whether the new handshake is done, or failed. */
    void settle() {
        if (next == null) return;
        if (next.isOpen()) filter = next;
        if (next.isOpen() || next.isOver()) next = null;
    }

    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** For how long it has said nothing. */
    long quietNanos(long nowNanos) {
        return nowNanos - heardNanos;
    }

    /** Something was sent to it. */
    void told(long nowNanos) {
        toldNanos = nowNanos;
    }

    /** Sends a flight again that may be lost: after 1, 2, 4 and 8 s (RFC 6347 §4.2.4.1). */
    void repeat(long nowNanos) {
        DtlsFilter handshake = handshake();
        if (handshake == null || repeats == MAX_REPEATS) return;
        if (nowNanos - toldNanos < SECOND_NANOS << repeats) return;
        repeats++;
        handshake.repeat();
    }

    @Override
    public TransportAddress remote() {
        return remote;
    }

    @Override
    public TransportAddress local() {
        return local;
    }

    @Override
    public boolean isReliable() {
        return false;
    }
}
