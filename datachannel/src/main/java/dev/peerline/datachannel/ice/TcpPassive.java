package dev.peerline.datachannel.ice;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Listens for TCP connections of peers (RFC 6544), for all sessions of a port. Whoever connects has
 * little time and few bytes for a check that is authenticated and names a session; then the
 * connection is that session's for good, else it is closed. Used on the loop's thread alone, but
 * for {@link #address}.
 */
final class TcpPassive implements TcpEnd {
    /** Of one address, that have not said whose peer they are: a NAT may have many behind it. */
    static final int MAX_UNKNOWN_PER_ADDRESS = 16;

    /** A browser connects once from each of its addresses. */
    static final int MAX_PER_SESSION = 16;

    private static final int BACKLOG = 128;
    private static final int MAX_ACCEPTS = 64;

    /** Where the system has no more sockets, asking again at once would only cost time. */
    private static final long PAUSE_NANOS = 100_000_000;

    private final SharedPort port;
    private final TcpOptions options;
    private final ServerSocketChannel server;
    private final TransportAddress address;
    private final int localPreference;
    private final Map<TransportAddress, Caller> callers = new HashMap<>();
    private final Set<Caller> unknown = new LinkedHashSet<>();
    private final Map<PortSession, Set<Caller>> known = new HashMap<>();
    private @Nullable SelectionKey key;
    private boolean closed;

    private TcpPassive(
            SharedPort port,
            TcpOptions options,
            ServerSocketChannel server,
            int preference,
            TransportAddress address) {
        this.port = port;
        this.options = options;
        this.server = server;
        this.address = address;
        localPreference = CandidatePriority.tcp(CandidatePriority.PASSIVE, preference);
    }

    /**
     * Listens, on any thread; nothing is accepted before {@link #start}.
     *
     * @param preference among our addresses, 0 to 8191
     * @throws IOException if the port is taken
     */
    static TcpPassive bind(
            SharedPort port, TcpOptions options, InetSocketAddress local, int preference)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(local, BACKLOG).configureBlocking(false);
            InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
            return new TcpPassive(port, options, server, preference, TransportAddress.of(bound));
        } catch (BindException e) {
            server.close();
            throw new BindException("TCP port " + local.getPort() + ": " + e.getMessage());
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    void start() {
        if (closed) return;
        try {
            key = port.loop().readiness().register(server, SelectionKey.OP_ACCEPT, this::acceptAll);
        } catch (IOException e) {
            throw new AssertionError("not closed yet", e);
        }
    }

    private void acceptAll() {
        if (closed) return;
        try {
            for (int i = 0; i < MAX_ACCEPTS; i++) {
                SocketChannel channel = server.accept();
                if (channel == null) break;
                take(channel);
            }
        } catch (IOException _) {
            port.loop().schedule(PAUSE_NANOS, this::watch);
            return;
        }
        watch();
    }

    private void watch() {
        if (!closed && key != null) port.loop().readiness().watch(key, SelectionKey.OP_ACCEPT);
    }

    private void take(SocketChannel channel) throws IOException {
        TransportAddress from;
        try {
            from = TransportAddress.of((InetSocketAddress) channel.getRemoteAddress());
            channel.configureBlocking(false);
        } catch (IOException _) {
            channel.close();
            return;
        }
        long alike = unknown.stream().filter(each -> each.from.sameAddress(from)).count();
        if (callers.size() >= options.maxConnections() || alike >= MAX_UNKNOWN_PER_ADDRESS) {
            channel.close();
            return;
        }
        if (unknown.size() >= options.maxUnknown()) unknown.iterator().next().end();
        Caller caller = new Caller(channel, from);
        callers.put(from, caller);
        unknown.add(caller);
    }

    /** Notes that this session's peer has sent a good check over the connection from there. */
    boolean claim(TransportAddress from, PortSession session) {
        Caller caller = callers.get(from);
        if (caller == null || caller.session != session) return false;
        caller.claimed = true;
        return true;
    }

    /** Closes a session's connections. */
    void release(PortSession session) {
        Set<Caller> all = known.get(session);
        if (all != null) new ArrayList<>(all).forEach(Caller::end);
    }

    /** Connections, those that have not said whose they are among them. */
    int connections() {
        return callers.size();
    }

    /** Whether nobody is here. */
    boolean isIdle() {
        return callers.isEmpty();
    }

    void close() {
        if (closed) return;
        closed = true;
        List.copyOf(callers.values()).forEach(Caller::end);
        try {
            server.close();
        } catch (IOException _) {
            // nobody is let in any more
        }
        if (key != null) port.loop().readiness().forget();
    }

    @Override
    public TransportAddress address() {
        return address;
    }

    @Override
    public int localPreference() {
        return localPreference;
    }

    /** RFC 6544 §6.2: the peer begins. */
    @Override
    public boolean reaches(TransportAddress remote) {
        return false;
    }

    @Override
    public boolean send(ByteBuffer packet, TransportAddress to) {
        Caller caller = callers.get(to);
        return caller != null && caller.session != null && caller.link.send(packet);
    }

    /** Somebody who has connected. */
    private final class Caller implements TcpLink.Events {
        private final TransportAddress from;
        private final TcpLink link;
        private final IceLoop.Timer timer;
        private final MutableAddress source;
        private @Nullable PortSession session;
        private boolean claimed;

        Caller(SocketChannel channel, TransportAddress from) throws IOException {
            this.from = from;
            source = new MutableAddress().set(from);
            link = new TcpLink(port.loop(), channel, this);
            timer = port.loop().schedule(options.unknownTimeout().toNanos(), this::end);
        }

        @Override
        public void packet(ByteBuffer packet) {
            PortSession owner = session;
            if (owner == null) owner = introduce(packet);
            if (owner == null) end();
            else if (SharedPort.isStun(packet)) port.stun(TcpPassive.this, from, packet, owner);
            else if (claimed) owner.data(TcpPassive.this, source, packet);
        }

        private @Nullable PortSession introduce(ByteBuffer packet) {
            PortSession owner = port.addressee(packet);
            if (owner == null) return null;
            Set<Caller> others = known.computeIfAbsent(owner, _ -> new LinkedHashSet<>());
            if (others.size() == MAX_PER_SESSION) return null;
            others.add(this);
            unknown.remove(this);
            session = owner;
            timer.cancel();
            link.trust();
            return owner;
        }

        @Override
        public void closed() {
            end();
            if (session != null) session.cut(TcpPassive.this, from);
        }

        private void end() {
            timer.cancel();
            link.close();
            callers.remove(from, this);
            unknown.remove(this);
            Set<Caller> others = session == null ? null : known.get(session);
            if (others != null && others.remove(this) && others.isEmpty()) known.remove(session);
        }
    }
}
