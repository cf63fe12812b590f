package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Any bytes, in any state: no exception, no memory without bound, no timer that is stuck. The bytes
 * stand behind a valid header, or the checksum would keep everything out.
 */
final class AssociationFuzzTest {
    private static final SctpConfig CONFIG =
            SctpConfig.defaults().withMemory(64 << 10, 128 << 10, 512 << 10, 1 << 20);

    @FuzzTest(maxDuration = "120s")
    void takesAnyBytesInAnyState(byte[] input) {
        if (input.length < 2) return;
        Pair pair = new Pair(input[0], CONFIG, LinkSettings.perfect(10));
        int stage = input[0] & 3;
        if (stage > 0) pair.a.association().connect(pair.simulation.now());
        if (stage == 2) pair.connect();
        if (stage == 3) {
            pair.connect();
            pair.a.association().send(1, new byte[9000], Options.reliable(53));
            pair.a.association().shutdown(pair.simulation.now());
        }
        int tag = tagOf(pair);
        int at = 1;
        while (at < input.length) {
            // Up to beyond what a packet of ours may have; a chunk's type must not say how long.
            int head = input[at++] & 0xff;
            int length = Math.min(Math.max(4, 8 * head), input.length - at);
            byte[] packet = packet((head & 1) == 0 ? tag : 0, input, at, length);
            pair.a.receive(packet, pair.simulation.now());
            at += length;
            pair.simulation.run(1_000_000);
        }
        pair.simulation.run(2 * Pair.SECONDS);
        if (pair.a.association().state() == State.CLOSED && stage > 0)
            assertEquals(Long.MAX_VALUE, pair.a.association().deadlineNanos(), "a stuck timer");
        long held = pair.a.association().stats().heldBytes();
        assertTrue(held <= 2 * CONFIG.maxWindowBytes() + (128 << 10), () -> held + " bytes");
    }

    /** The tag that packets for A have: what B sends under. */
    private static int tagOf(Pair pair) {
        int[] tag = {0};
        pair.b.tap(packet -> tag[0] = Bytes.i32(packet, 4));
        pair.b.association().probe();
        pair.simulation.drain();
        return tag[0];
    }

    private static byte[] packet(int tag, byte[] input, int from, int length) {
        byte[] packet = new byte[12 + length];
        Bytes.put16(packet, 0, 5000);
        Bytes.put16(packet, 2, 5000);
        Bytes.put32(packet, 4, tag);
        System.arraycopy(input, from, packet, 12, length);
        return packet;
    }

    /** The same, with bytes that were true packets once: mutations reach deeper than noise. */
    @Test
    void takesMutatedPacketsInAnyState() {
        for (long seed = 1; seed <= 100; seed++) mutate(seed);
    }

    private static void mutate(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        boolean interleaving = random.nextBoolean();
        Pair pair =
                new Pair(
                        seed,
                        CONFIG.withInterleaving(interleaving),
                        LinkSettings.perfect(5).withLoss(0.05));
        List<byte[]> seen = new ArrayList<>();
        pair.b.tap(packet -> seen.add(packet));
        pair.a.association().connect(pair.simulation.now());
        for (int i = 0; i < 120; i++) {
            Options options = new Options(53, random.nextBoolean(), Long.MAX_VALUE, 1);
            pair.b
                    .association()
                    .send(random.nextInt(3), new byte[1 + random.nextInt(4000)], options);
            if (i == 60) pair.b.association().resetStreams(List.of(1));
            pair.simulation.run(3_000_000);
            if (seen.isEmpty()) continue;
            byte[] packet = seen.get(random.nextInt(seen.size())).clone();
            int flips = random.nextInt(1, 6);
            for (int f = 0; f < flips; f++)
                packet[12 + random.nextInt(packet.length - 12)] = (byte) random.nextInt(256);
            Bytes.put32(packet, 8, 0); // zero checksum is accepted
            pair.a.receive(packet, pair.simulation.now());
        }
        pair.simulation.run(5 * Pair.SECONDS);
        long held = pair.a.association().stats().heldBytes();
        assertTrue(
                held >= 0 && held <= 2 * CONFIG.maxWindowBytes() + (128 << 10),
                () -> "seed " + seed + ": " + held + " bytes");
    }
}
