package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.server.StreamClient;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A TCP or TLS client. Reads whole messages, and bounds what it holds: small messages before an
 * allocation, and a limited backlog towards a client that does not read (relayed data is then
 * dropped, as UDP would; an answer that does not fit ends the connection). Not thread-safe: its
 * loop's.
 */
final class StreamConnection implements StreamClient, Connection, StreamTransport.Reader {
    /** Requests of strangers are small. */
    private static final int STRANGER_FRAME_BYTES = 2048;

    /** What the driver's scratch room takes; lengths that say more are nobody's. */
    private static final int MAX_FRAME_BYTES = UdpDriver.MAX_SCRATCH_BYTES;

    private static final int FIRST_BUFFER_BYTES = 2048;
    private static final int BACKLOG_BYTES = 256 * 1024;

    private final StreamLoop loop;
    private final TransportAddress host;
    private final @Nullable TlsFilter tls;
    private TransportAddress remote;
    private TransportAddress local;
    private boolean proxied;
    private @Nullable StreamTransport transport;
    private ByteBuffer input = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
    private @Nullable Allocation allocation;
    private @Nullable PeerConnection bound;
    private @Nullable PeerSocket peer;
    private boolean closed;
    final long openedNanos;

    /**
     * A connection without a transport yet.
     *
     * @param proxied whether it begins with a header that says who the client is
     */
    StreamConnection(
            StreamLoop loop,
            TransportAddress remote,
            TransportAddress local,
            @Nullable TlsFilter tls,
            boolean proxied) {
        this.loop = loop;
        this.remote = remote;
        this.local = local;
        this.tls = tls;
        this.proxied = proxied;
        host = remote.withPort(0);
        openedNanos = System.nanoTime();
    }

    void transport(StreamTransport newTransport) {
        transport = newTransport;
    }

    /** What limits go by: the address on the wire, a proxy's too. */
    TransportAddress host() {
        return host;
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
    public @Nullable Allocation allocation() {
        return allocation;
    }

    @Override
    public void allocation(@Nullable Allocation newAllocation) {
        allocation = newAllocation;
    }

    @Override
    public void received(ByteBuffer wire) throws IOException {
        if (proxied) {
            ByteBuffer rest = afterProxyHeader(wire);
            if (rest == null) return;
            wire = rest;
        }
        if (tls == null) append(wire);
        else tls.received(wire, this::append, this::write);
        if (tls != null && tls.isOver()) close();
    }

    /** Null while there is nothing else yet. */
    private @Nullable ByteBuffer afterProxyHeader(ByteBuffer wire) {
        ensureInput(wire.remaining());
        input.put(wire).flip();
        ProxyHeader header = ProxyHeader.read(input);
        if (header.bytes() < 0) {
            close();
            return null;
        }
        if (header.bytes() == 0) {
            input.compact();
            return null;
        }
        proxied = false;
        TransportAddress source = header.source();
        TransportAddress destination = header.destination();
        if (source != null && destination != null) {
            remote = source;
            local = destination;
        }
        ByteBuffer rest = input.position(header.bytes());
        input = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
        return rest;
    }

    /** Called when a TLS task that ran elsewhere is done. */
    void resume() {
        if (closed || tls == null) return;
        loop.time();
        try {
            tls.resume(this::append, this::write);
            if (tls.isOver()) close();
        } catch (IOException e) {
            close();
        }
    }

    private void append(ByteBuffer plain) {
        if (closed) return;
        if (peer != null) {
            toPeer(peer, plain);
            return;
        }
        ensureInput(plain.remaining());
        input.put(plain).flip();
        while (!closed && peer == null) {
            int frame = StreamFramer.frameBytes(input);
            int limit = allocation == null ? STRANGER_FRAME_BYTES : MAX_FRAME_BYTES;
            if (frame == StreamFramer.BROKEN || frame > limit) {
                close();
                return;
            }
            if (frame == StreamFramer.INCOMPLETE || frame > input.remaining()) break;
            deliver(frame);
        }
        PeerSocket joined = peer;
        if (joined != null && input.hasRemaining()) toPeer(joined, input);
        input.compact();
        if (input.position() == 0 && input.capacity() > FIRST_BUFFER_BYTES) {
            input = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
        }
    }

    private void ensureInput(int bytes) {
        if (input.remaining() >= bytes) return;
        ByteBuffer larger =
                ByteBuffer.allocate(Math.max(2 * input.capacity(), input.position() + bytes));
        input = larger.put(input.flip());
    }

    private void deliver(int frame) {
        int at = loop.stage(input.slice(input.position(), frame));
        input.position(input.position() + frame);
        loop.message(this, at, frame);
    }

    @Override
    public void send(UdpDatagram datagram) {
        StreamTransport way = transport;
        if (closed || way == null) return;
        boolean data = datagram.headBytes() > 0;
        if (data && way.queuedBytes() > BACKLOG_BYTES) return; // the client does not read
        try {
            ByteBuffer plain = loop.gather(datagram);
            if (tls == null) write(plain);
            else tls.send(plain, this::write);
        } catch (IOException e) {
            close();
        }
    }

    private void write(ByteBuffer wire) throws IOException {
        StreamTransport way = transport;
        if (closed || way == null) return;
        if (way.queuedBytes() + wire.remaining() > 2 * BACKLOG_BYTES) close();
        else way.write(wire);
    }

    /** Has this connection carry what a peer sends and is sent, and nothing else from now on. */
    void join(PeerSocket to, PeerConnection connection) {
        peer = to;
        bound = connection;
        to.join(this);
    }

    /** Neither allocates nor carries anything. */
    boolean isStranger() {
        return allocation == null && peer == null;
    }

    private void toPeer(PeerSocket to, ByteBuffer plain) {
        StreamTransport way = transport;
        PeerConnection connection = bound;
        if (way == null || connection == null) return;
        boolean within = loop.server().streamed(connection, plain.remaining(), false);
        try {
            to.transport().write(plain);
        } catch (IOException e) {
            close();
            return;
        }
        if (to.transport().queuedBytes() > BACKLOG_BYTES || !within) pause(way);
    }

    void fromPeer(ByteBuffer bytes) {
        StreamTransport way = transport;
        PeerConnection connection = bound;
        PeerSocket from = peer;
        if (closed || way == null || connection == null || from == null) return;
        boolean within = loop.server().streamed(connection, bytes.remaining(), true);
        try {
            if (tls == null) way.write(bytes);
            else tls.send(bytes, way::write);
        } catch (IOException e) {
            close();
            return;
        }
        if (way.queuedBytes() > BACKLOG_BYTES || !within) pause(from.transport());
    }

    /** Until there is room again, or the next second has come. */
    private void pause(StreamTransport way) {
        way.reading(false);
        loop.paused(this);
    }

    /** Goes on with what was paused. */
    void resumeReading() {
        StreamTransport way = transport;
        PeerSocket other = peer;
        if (closed || way == null || other == null) return;
        if (way.queuedBytes() <= BACKLOG_BYTES) other.transport().reading(true);
        if (other.transport().queuedBytes() <= BACKLOG_BYTES) way.reading(true);
    }

    void peerDrained() {
        resumeReading();
    }

    /** What the peer has sent is still sent on. */
    void peerEnded() {
        if (closed) return;
        closed = true;
        loop.disconnected(this);
        PeerConnection connection = bound;
        if (connection != null) loop.server().ended(connection);
        StreamTransport way = transport;
        if (way != null) way.finish();
    }

    @Override
    public void drained() {
        resumeReading();
    }

    @Override
    public void ended() {
        close();
    }

    void close() {
        if (closed) return;
        closed = true;
        loop.disconnected(this);
        StreamTransport way = transport;
        if (way != null) way.close();
        PeerConnection connection = bound;
        if (connection != null) loop.server().ended(connection);
    }
}
