package dev.peerline.datachannel.ice;

import dev.peerline.net.TransportAddress;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The addresses that a session's peer has sent good checks from: packets from there are its own.
 */
final class Sources {
    /** The oldest is forgotten beyond it. */
    private static final int MAX_SOURCES = 64;

    private final PortSession session;
    private final Set<Source> sources = new LinkedHashSet<>();

    /** An address of ours, and one of the peer's. */
    private record Source(HostEnd host, TransportAddress from) {}

    Sources(PortSession session) {
        this.session = session;
    }

    /** False if this address is another session's. */
    boolean claim(LocalEnd at, TransportAddress from) {
        if (at instanceof RelayEnd relay) relay.claim(from);
        if (at instanceof TcpPassive listener) return listener.claim(from, session);
        if (at instanceof TcpActive active) return active.claim();
        if (!(at instanceof HostEnd host)) return true;
        if (!host.claim(from, session, IceLoop.nowNanos())) return false;
        if (!sources.add(new Source(host, from)) || sources.size() <= MAX_SOURCES) return true;
        Source oldest = sources.iterator().next();
        oldest.host.release(oldest.from, session);
        sources.remove(oldest);
        return true;
    }

    /** Another session has it now. */
    void lost(HostEnd host, TransportAddress from) {
        sources.remove(new Source(host, from));
    }

    void release() {
        for (Source source : List.copyOf(sources)) source.host.release(source.from, session);
        sources.clear();
    }
}
