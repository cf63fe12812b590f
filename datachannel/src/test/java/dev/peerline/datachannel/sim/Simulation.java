package dev.peerline.datachannel.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Hosts, links, and a clock that jumps from one event to the next. */
public final class Simulation {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Arrival(long nanos, long order, Host to, byte[] packet) {}

    private record Attached(Host host, Link out, Host peer) {}

    /** More packets than this at one instant mean that a host does not come to rest. */
    private static final int MAX_BURST = 100_000;

    private final SplittableRandom random;
    private final List<Attached> hosts = new ArrayList<>();
    private final PriorityQueue<Arrival> arrivals =
            new PriorityQueue<>(
                    Comparator.comparingLong(Arrival::nanos).thenComparingLong(Arrival::order));
    private long now = 1_000_000_000L;
    private long order;
    private long wallClockOffset = Long.MAX_VALUE;

    public Simulation(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Virtual time must not run ahead of real time, for a host whose code reads the real clock. */
    public void paceByTheWallClock() {
        wallClockOffset = System.nanoTime() - now;
    }

    private void waitForTheWallClock() {
        while (System.nanoTime() - wallClockOffset < now)
            LockSupport.parkNanos(now - (System.nanoTime() - wallClockOffset));
    }

    public long now() {
        return now;
    }

    public SplittableRandom random() {
        return random;
    }

    public Link link(LinkSettings settings) {
        return new Link(settings, random.split());
    }

    /** Two hosts, and the links from each to the other, which others may share. */
    public void attach(Host a, Host b, Link fromA, Link fromB) {
        hosts.add(new Attached(a, fromA, b));
        hosts.add(new Attached(b, fromB, a));
    }

    /** Runs until the condition holds; false when it did not within the time. */
    public boolean runUntil(BooleanSupplier done, long maxNanos) {
        long end = now + maxNanos;
        drain();
        while (!done.getAsBoolean()) {
            long next = nextTime();
            if (next > end) {
                now = end;
                return false;
            }
            now = Math.max(now, next);
            if (wallClockOffset != Long.MAX_VALUE) waitForTheWallClock();
            step();
        }
        return true;
    }

    public void run(long nanos) {
        var _ = runUntil(() -> false, nanos);
    }

    /** Sends what a host has to send after its owner did something. */
    public void drain() {
        for (Attached attached : hosts) drain(attached);
    }

    private long nextTime() {
        long next = arrivals.isEmpty() ? Long.MAX_VALUE : arrivals.element().nanos;
        for (Attached attached : hosts) next = Math.min(next, attached.host.deadlineNanos());
        return next;
    }

    private void step() {
        while (!arrivals.isEmpty() && arrivals.element().nanos <= now) {
            Arrival arrival = arrivals.remove();
            arrival.to.receive(arrival.packet, now);
        }
        for (Attached attached : hosts) {
            if (attached.host.deadlineNanos() <= now) attached.host.advance(now);
            drain(attached);
            if (attached.host.deadlineNanos() <= now)
                throw new AssertionError("a deadline stays in the past at " + now);
        }
    }

    private void drain(Attached attached) {
        for (int i = 0; i < MAX_BURST; i++) {
            byte[] packet = attached.host.transmit(now);
            if (packet == null) return;
            attached.out.send(
                    packet,
                    packet.length,
                    now,
                    (nanos, bytes) ->
                            arrivals.add(new Arrival(nanos, order++, attached.peer, bytes)));
        }
        throw new AssertionError("a host sends without end at " + now);
    }
}
