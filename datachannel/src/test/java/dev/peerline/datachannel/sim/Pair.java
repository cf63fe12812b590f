package dev.peerline.datachannel.sim;

import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.State;

/** Two associations and the path between them. */
public final class Pair {
    public static final long SECONDS = 1_000_000_000L;

    public final Simulation simulation;
    public final SctpHost a;
    public final SctpHost b;
    public final Link fromA;
    public final Link fromB;

    public Pair(long seed, SctpConfig config, LinkSettings path) {
        this(seed, config, config, path);
    }

    public Pair(long seed, SctpConfig configA, SctpConfig configB, LinkSettings path) {
        simulation = new Simulation(seed);
        a = new SctpHost(configA, simulation.random().nextLong());
        b = new SctpHost(configB, simulation.random().nextLong());
        fromA = simulation.link(path);
        fromB = simulation.link(path);
        simulation.attach(a, b, fromA, fromB);
    }

    /** Both begin, as in WebRTC; throws when they do not get there within a minute. */
    public Pair connect() {
        a.association().connect(simulation.now());
        b.association().connect(simulation.now());
        boolean up = simulation.runUntil(this::isUp, 60 * SECONDS);
        if (!up) throw new AssertionError("no handshake");
        return this;
    }

    public boolean isUp() {
        return a.association().state() == State.ESTABLISHED
                && b.association().state() == State.ESTABLISHED;
    }
}
