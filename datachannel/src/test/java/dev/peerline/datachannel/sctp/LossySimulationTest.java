package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.congestion.CongestionControl.Algorithm;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;
import dev.peerline.datachannel.sim.SctpHost;
import dev.peerline.datachannel.sim.Traffic;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

/**
 * Two associations over every kind of bad path: whatever happens, each message arrives once, in
 * order where asked, nothing stays in memory, and the wire does not carry much more than it must.
 */
final class LossySimulationTest {
    private static final int SEEDS = 1000;
    private static final int SLOW_SEEDS = 20_000;

    @Test
    void deliversEverythingOnce() {
        for (long seed = 1; seed <= SEEDS; seed++) run(seed);
    }

    @Test
    @Tag("slow")
    void deliversEverythingOnceOverManyMoreSeeds() {
        for (long seed = SEEDS + 1; seed <= SEEDS + SLOW_SEEDS; seed++) run(seed);
    }

    private static void run(long seed) {
        try {
            new Run(seed).go();
        } catch (AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private static final class Run {
        private final SplittableRandom random;
        private final LinkSettings path;
        private final Pair pair;
        private final Traffic there = new Traffic(6);
        private final Traffic back = new Traffic(6);

        Run(long seed) {
            random = new SplittableRandom(seed);
            path = path();
            pair = new Pair(seed, config(), config(), path);
        }

        private LinkSettings path() {
            LinkSettings settings =
                    LinkSettings.perfect(random.nextLong(1, 80))
                            .withLoss(random.nextBoolean() ? 0 : random.nextDouble() * 0.15)
                            .withFaults(
                                    random.nextInt(3) == 0 ? random.nextDouble() * 0.1 : 0,
                                    random.nextInt(3) == 0 ? random.nextDouble() * 0.05 : 0,
                                    random.nextInt(3) == 0 ? random.nextDouble() * 0.2 : 0);
            if (random.nextInt(3) == 0)
                settings = settings.withJitter(random.nextLong(1, 20) * LinkSettings.MILLIS);
            if (random.nextInt(3) == 0)
                settings =
                        settings.withBandwidth(
                                random.nextLong(50_000, 5_000_000),
                                random.nextLong(10_000, 200_000));
            return settings;
        }

        /** Each side has its own: what was not offered by both is not used. */
        private SctpConfig config() {
            Algorithm[] algorithms = Algorithm.values();
            // DTLS finds corrupted packets; here the checksum must.
            boolean zeroChecksum = path.corruption() == 0 && random.nextBoolean();
            return SctpConfig.defaults()
                    .withInterleaving(random.nextInt(3) > 0)
                    .withZeroChecksum(zeroChecksum)
                    .withPartialReliability(random.nextInt(4) > 0)
                    .withCongestion(algorithms[random.nextInt(algorithms.length)])
                    .withMaxPacketBytes(4 * random.nextInt(150, 300));
        }

        void go() {
            pair.b.onMessage(there::receive);
            pair.a.onMessage(back::receive);
            pair.a.association().connect(pair.simulation.now());
            if (random.nextBoolean()) pair.b.association().connect(pair.simulation.now());
            int messages = random.nextInt(5, 40);
            for (int i = 0; i < messages; i++) {
                there.send(pair.a, random, length());
                if (random.nextBoolean()) back.send(pair.b, random, length());
                if (random.nextInt(3) == 0) pair.simulation.run(random.nextLong(50_000_000));
                if (random.nextInt(20) == 0 && pair.isUp()) outage();
            }
            boolean done =
                    pair.simulation.runUntil(
                            () -> there.isComplete() && back.isComplete(), 300 * Pair.SECONDS);
            assertTrue(done, () -> "not delivered: " + pair.a.association().stats());
            // Until the last acknowledgement is through.
            boolean quiet = pair.simulation.runUntil(this::isQuiet, 60 * Pair.SECONDS);
            assertTrue(quiet, () -> "still busy: " + pair.a.association().stats());
            checkMemory(pair.a);
            checkMemory(pair.b);
            checkWire();
        }

        private int length() {
            return random.nextInt(4) == 0 ? random.nextInt(1, 60_000) : random.nextInt(1, 2_000);
        }

        private void outage() {
            pair.fromA.cut(true);
            pair.fromB.cut(random.nextBoolean());
            pair.simulation.run(random.nextLong(3 * Pair.SECONDS));
            pair.fromA.cut(false);
            pair.fromB.cut(false);
            if (random.nextBoolean()) {
                pair.a.association().pathChanged(pair.simulation.now());
                pair.b.association().pathChanged(pair.simulation.now());
            }
        }

        private boolean isQuiet() {
            return isQuiet(pair.a) && isQuiet(pair.b);
        }

        private static boolean isQuiet(SctpHost host) {
            return host.association().stats().outstandingChunks() == 0
                    && host.association().state() == State.ESTABLISHED;
        }

        private static void checkMemory(SctpHost host) {
            AssociationStats stats = host.association().stats();
            assertEquals(0, stats.heldBytes(), "held by the receiver");
            assertEquals(0, stats.queuedBytes(), "held by the queue");
            assertEquals(0, stats.inFlightBytes(), "in flight");
            assertEquals(0, host.messages().size());
        }

        /** Chunks sent again must be in proportion to what the path lost, late or doubled. */
        private void checkWire() {
            checkWire(pair.a.association().stats());
            checkWire(pair.b.association().stats());
        }

        private void checkWire(AssociationStats stats) {
            boolean gentle =
                    path.loss() < 0.02
                            && path.corruption() == 0
                            && path.bytesPerSecond() == 0
                            && pair.fromA.cuts() == 0;
            if (gentle) {
                long allowed = 20 + stats.chunksSent() / 5;
                assertTrue(stats.chunksRetransmitted() <= allowed, () -> "wasteful: " + stats);
            }
        }
    }
}
