package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;

import org.junit.jupiter.api.Test;

/** A path that holds packets up for a while and then delivers them: a radio that changes cells. */
final class SpuriousTimeoutTest {
    private static final long MILLIS = LinkSettings.MILLIS;
    private static final LinkSettings PATH =
            LinkSettings.perfect(25).withBandwidth(2_500_000, 2_000_000);

    private final long[] received = {0};

    private Pair bulk() {
        Pair pair = new Pair(5, SctpConfig.defaults(), PATH).connect();
        pair.b.onMessage(message -> received[0] += message.data().length);
        run(pair, 3000);
        return pair;
    }

    private static void run(Pair pair, long millis) {
        for (long i = 0; i < millis; i += 10) {
            while (pair.a.association().bufferedAmount(1) < 2 << 20)
                pair.a.association().send(1, new byte[16 << 10], Options.reliable(53));
            pair.simulation.run(10 * MILLIS);
        }
    }

    /**
     * RFC 5682 §1: a spurious timeout sends the whole window again. Held up ten times for half a
     * second, with 100 chunks in flight each time: without the undoing 2,281 were sent again.
     */
    @Test
    void sendsLittleAgainWhenNothingWasLost() {
        Pair pair = bulk();
        AssociationStats before = pair.a.association().stats();
        received[0] = 0;
        for (int i = 0; i < 10; i++) {
            pair.fromA.holdUntil(pair.simulation.now() + 500 * MILLIS);
            run(pair, 3000);
        }
        AssociationStats after = pair.a.association().stats();
        long again = after.chunksRetransmitted() - before.chunksRetransmitted();
        long undone = after.spuriousTimeouts() - before.spuriousTimeouts();
        double mbits = received[0] * 8 / 30e6;
        System.out.printf(
                "held up ten times: %d chunks sent again, %d timeouts undone, %.1f Mbit/s%n",
                again, undone, mbits);
        assertEquals(10, undone);
        assertTrue(again <= 50, () -> again + " chunks sent again");
        assertTrue(mbits > 15, () -> mbits + " Mbit/s");
    }

    /** What was lost is not taken for late. */
    @Test
    void anOutageIsNoSpuriousTimeout() {
        Pair pair = bulk();
        for (int i = 0; i < 5; i++) {
            pair.fromA.cut(true);
            run(pair, 1000);
            pair.fromA.cut(false);
            run(pair, 3000);
        }
        assertEquals(0, pair.a.association().stats().spuriousTimeouts());
    }
}
