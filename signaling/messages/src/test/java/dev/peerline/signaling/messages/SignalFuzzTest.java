package dev.peerline.signaling.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever bytes come: a value, never an exception; and what was read writes to the same again. */
final class SignalFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void signal(byte[] fields) {
        if (Signal.parse(fields) instanceof Signal.Parsed.Good good) {
            assertEquals(good, Signal.parse(good.signal().encode()));
        }
    }
}
