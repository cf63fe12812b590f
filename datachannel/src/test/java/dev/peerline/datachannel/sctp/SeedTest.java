package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** SplitMix64, by the vector that is published with its reference implementation. */
final class SeedTest {
    @Test
    void drawsWhatSplitMix64Draws() {
        Seed seed = new Seed(1_234_567);
        long[] published = {
            6_457_827_717_110_365_317L,
            3_203_168_211_198_807_973L,
            Long.parseUnsignedLong("9817491932198370423"),
            4_593_380_528_125_082_431L,
            Long.parseUnsignedLong("16408922859458223821")
        };
        for (long expected : published) assertEquals(expected, seed.nextLong());
    }

    /** The number that would be 0 is drawn at this entropy. */
    @Test
    void drawsNoTagOfZero() {
        long beforeZero = -0x9e3779b97f4a7c15L;
        assertEquals(0, new Seed(beforeZero).nextLong());
        assertEquals(1, new Seed(beforeZero).nextTag());
        assertEquals((int) new Seed(5).nextLong(), new Seed(5).nextTag());
    }
}
