package dev.peerline.fallback.link.simulation;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Peers around a server, and data channels between them, in virtual time. */
final class SimulatedNetwork {
    private static final long DELAY_NANOS = 20 * VirtualClock.MS;

    private final VirtualClock clock = new VirtualClock();
    private final ServerModel server = new ServerModel();
    private final List<SimulatedPeer> peers = new ArrayList<>();
    private final SplittableRandom random;

    SimulatedNetwork(SplittableRandom random) {
        this.random = random;
    }

    VirtualClock clock() {
        return clock;
    }

    ServerModel server() {
        return server;
    }

    /** Those whose page is open. */
    List<SimulatedPeer> peers() {
        return peers;
    }

    long delay() {
        return DELAY_NANOS / 2 + random.nextLong(DELAY_NANOS);
    }

    SimulatedPeer join(String name) {
        byte[] key = new byte[Id.KEY_BYTES];
        random.nextBytes(key);
        return open(new SimulatedPeer(this, name, Bytes.of(key), 1001));
    }

    /** The same peer on a new page. */
    SimulatedPeer joinAgain(SimulatedPeer before) {
        long incarnation = before.member().incarnation() + 1;
        return open(new SimulatedPeer(this, before.name(), before.key(), incarnation));
    }

    private SimulatedPeer open(SimulatedPeer peer) {
        peers.add(peer);
        peer.connect();
        return peer;
    }

    void close(SimulatedPeer peer, boolean tailLost) {
        peer.close(tailLost);
        peers.remove(peer);
    }

    /**
     * Opens a data channel between two who know each other.
     *
     * @param late whether what is under way on the one before may still arrive
     */
    void openDirect(SimulatedPeer a, SimulatedPeer b, boolean late) {
        if (!knows(a, b) || !knows(b, a)) return;
        if (!late) cutDirect(a, b);
        channel(a, b);
        channel(b, a);
    }

    private static boolean knows(SimulatedPeer a, SimulatedPeer b) {
        Long incarnation = a.known().get(b.id());
        return incarnation != null && incarnation == b.member().incarnation();
    }

    private void channel(SimulatedPeer from, SimulatedPeer to) {
        from.channel(
                to.id(),
                new OneWay(
                        clock,
                        this::delay,
                        frames -> {
                            if (!from.isClosed()) to.receivedDirectly(from.member(), frames);
                        }));
    }

    /** The data channel dies with its tail, and nobody is told. */
    void cutDirect(SimulatedPeer a, SimulatedPeer b) {
        die(a, b);
        die(b, a);
    }

    private static void die(SimulatedPeer from, SimulatedPeer to) {
        OneWay channel = from.channel(to.id());
        if (channel != null) channel.die();
    }

    /** The same for one who knows of it. */
    void closeDirect(SimulatedPeer a, SimulatedPeer b) {
        cutDirect(a, b);
        a.dropChannel(b.id());
        b.dropChannel(a.id());
    }
}
