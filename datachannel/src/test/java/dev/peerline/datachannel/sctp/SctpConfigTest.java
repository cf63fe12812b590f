package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peerline.datachannel.sctp.SctpConfig.Timing;
import dev.peerline.datachannel.sctp.congestion.CongestionControl.Algorithm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What may be configured, and that one thing that is changed leaves the others as they were. */
final class SctpConfigTest {
    private static final SctpConfig DEFAULTS = SctpConfig.defaults();

    private static void assertRefused(Executable config) {
        assertThrows(IllegalArgumentException.class, config);
    }

    @Test
    void keepsItsBounds() {
        assertEquals(508, DEFAULTS.withMaxPacketBytes(508).maxPacketBytes());
        assertRefused(() -> DEFAULTS.withMaxPacketBytes(504));
        assertRefused(() -> DEFAULTS.withMaxPacketBytes(1190));
        assertEquals(1, DEFAULTS.withStreams(1).streams());
        assertEquals(65535, DEFAULTS.withStreams(65535).streams());
        assertRefused(() -> DEFAULTS.withStreams(0));
        assertRefused(() -> DEFAULTS.withStreams(65536));
        assertEquals(2000, DEFAULTS.withMemory(1000, 1, 2000, 1).maxWindowBytes());
        assertRefused(() -> DEFAULTS.withMemory(1000, 1, 1999, 1));
    }

    /** Each is changed, and changed back. */
    @Test
    void changesOneThingAtATime() {
        SctpConfig changed =
                DEFAULTS.withPorts(1, 2)
                        .withMaxPacketBytes(1200)
                        .withInterleaving(false)
                        .withZeroChecksum(false)
                        .withCongestion(Algorithm.RENO)
                        .withPartialReliability(false)
                        .withStreams(7)
                        .withMemory(10, 20, 30, 40)
                        .withTiming(new Timing(1, 2, 3, 4, 5, 6, 7, 8));
        SctpConfig expected =
                new SctpConfig(
                        1,
                        2,
                        1200,
                        7,
                        10,
                        20,
                        30,
                        40,
                        false,
                        false,
                        false,
                        Algorithm.RENO,
                        new Timing(1, 2, 3, 4, 5, 6, 7, 8));
        assertEquals(expected, changed);
        assertEquals(
                DEFAULTS,
                changed.withTiming(Timing.defaults())
                        .withMemory(256 << 10, 1 << 20, 16 << 20, 64 << 20)
                        .withStreams(65535)
                        .withPartialReliability(true)
                        .withCongestion(Algorithm.MODEL)
                        .withZeroChecksum(true)
                        .withInterleaving(true)
                        .withMaxPacketBytes(SctpConfig.SAFE_PACKET_BYTES)
                        .withPorts(5000, 5000));
    }
}
