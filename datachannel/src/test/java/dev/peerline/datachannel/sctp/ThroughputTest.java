package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.congestion.CongestionControl.Algorithm;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.Link;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;
import dev.peerline.datachannel.sim.SctpHost;
import dev.peerline.datachannel.sim.Simulation;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Throughput over modelled paths, against what the path allows and beside Reno. */
final class ThroughputTest {
    private static final long LINK_BYTES_A_SECOND = 62_500_000; // 500 Mbit/s
    private static final long PRODUCT = LINK_BYTES_A_SECOND / 20; // at 50 ms

    /** 50 ms: what all known peers lose on such a path is 97 of 100; see docs/sctp.md. */
    @ParameterizedTest
    @CsvSource({"0, 400", "0.001, 390", "0.01, 370", "0.05, 320"})
    void fillsALongPathWhateverItLoses(double loss, double leastMbits) {
        double mbits = mbits(Algorithm.MODEL, loss, 3);
        System.out.printf("50 ms, %.1f %% loss: %.0f of 500 Mbit/s%n", loss * 100, mbits);
        assertTrue(mbits >= leastMbits, () -> mbits + " Mbit/s");
    }

    @Test
    void isTenTimesAsFastAsRenoWithOnePercentLoss() {
        double model = mbits(Algorithm.MODEL, 0.01, 2);
        double reno = mbits(Algorithm.RENO, 0.01, 5);
        assertTrue(model >= 10 * reno, () -> model + " against " + reno + " Mbit/s");
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"CUBIC", "RENO"})
    void theOthersFillAPathThatLosesNothing(Algorithm algorithm) {
        double mbits = mbits(algorithm, 0, 8);
        assertTrue(mbits >= 250, () -> mbits + " Mbit/s");
    }

    private static double mbits(Algorithm algorithm, double loss, int seconds) {
        LinkSettings path =
                LinkSettings.perfect(25).withBandwidth(LINK_BYTES_A_SECOND, PRODUCT).withLoss(loss);
        Pair pair = new Pair(7, SctpConfig.defaults().withCongestion(algorithm), path).connect();
        long[] received = {0};
        pair.b.onMessage(message -> received[0] += message.data().length);
        Bulk bulk = new Bulk(pair.a);
        for (int i = 0; i < seconds * 200; i++) {
            bulk.fill();
            pair.simulation.run(5 * LinkSettings.MILLIS);
        }
        return received[0] * 8 / 1e6 / seconds;
    }

    /** Keeps 8 MiB queued on stream 1. */
    private static final class Bulk {
        private final SctpHost host;
        private final byte[] data = new byte[16 << 10];

        Bulk(SctpHost host) {
            this.host = host;
        }

        void fill() {
            while (host.association().bufferedAmount(1) < 8 << 20)
                host.association().send(1, data, Options.reliable(53));
        }
    }

    /** Two flows through one bottleneck of 20 Mbit/s with a queue of so many products. */
    @ParameterizedTest
    @CsvSource({
        "MODEL, RENO, 1, 0.12",
        "MODEL, RENO, 2, 0.3",
        "MODEL, RENO, 4, 0.3",
        "MODEL, CUBIC, 1, 0.15",
        "MODEL, MODEL, 1, 0.3",
        "RENO, RENO, 1, 0.3"
    })
    void leavesAShareToAFlowBesideIt(
            Algorithm one, Algorithm other, int products, double leastShare) {
        Simulation simulation = new Simulation(3);
        LinkSettings path = LinkSettings.perfect(20).withBandwidth(2_500_000, 100_000L * products);
        Link there = simulation.link(path);
        Link back = simulation.link(LinkSettings.perfect(20));
        long[] received = new long[2];
        Bulk[] bulks = new Bulk[2];
        Algorithm[] algorithms = {one, other};
        for (int i = 0; i < 2; i++) {
            int flow = i;
            SctpConfig config = SctpConfig.defaults().withCongestion(algorithms[i]);
            SctpHost from = new SctpHost(config, simulation.random().nextLong());
            SctpHost to = new SctpHost(config, simulation.random().nextLong());
            to.onMessage(message -> received[flow] += message.data().length);
            simulation.attach(from, to, there, back);
            from.association().connect(simulation.now());
            bulks[i] = new Bulk(from);
        }
        for (int i = 0; i < 30 * 50; i++) {
            for (Bulk bulk : bulks) bulk.fill();
            simulation.run(20 * LinkSettings.MILLIS);
        }
        double all = received[0] + received[1];
        double share = Math.min(received[0], received[1]) / all;
        double used = all / 30 / 2_500_000;
        System.out.printf(
                "%s %.0f %% beside %s %.0f %%, queue of %d, link used %.0f %%%n",
                one, received[0] * 100 / all, other, received[1] * 100 / all, products, used * 100);
        assertTrue(share >= leastShare, () -> "share " + share);
        assertTrue(used >= 0.85, () -> "used " + used);
    }

    /** A quiet channel's message does not wait behind what a bulk channel has queued. */
    @ParameterizedTest
    @CsvSource({"true, 2.0", "false, 3.0"})
    void aQuietChannelStaysQuickBesideABulkOne(boolean interleaving, double mostIdleRoundTrips) {
        LinkSettings path = LinkSettings.perfect(20).withBandwidth(6_250_000, 1_000_000);
        SctpConfig config = SctpConfig.defaults().withInterleaving(interleaving);
        Pair pair = new Pair(5, config, path).connect();
        long[] arrived = {0};
        pair.b.onMessage(
                message -> {
                    if (message.streamId() == 2) arrived[0] = pair.simulation.now();
                });
        byte[] big = new byte[256 << 10];
        long worst = 0;
        for (int i = 0; i < 100; i++) {
            while (pair.a.association().bufferedAmount(1) < 8 << 20)
                pair.a.association().send(1, big, Options.reliable(53));
            pair.simulation.run(30 * LinkSettings.MILLIS);
            long sent = pair.simulation.now();
            pair.a.association().send(2, new byte[100], Options.reliable(51));
            arrived[0] = 0;
            assertTrue(pair.simulation.runUntil(() -> arrived[0] > 0, Pair.SECONDS));
            if (i >= 20) worst = Math.max(worst, arrived[0] - sent);
        }
        double roundTrips = (worst + 20e6) / 40e6;
        System.out.printf("quiet beside bulk: worst %.2f idle round trips%n", roundTrips);
        assertTrue(roundTrips <= mostIdleRoundTrips, () -> roundTrips + " round trips");
    }
}
