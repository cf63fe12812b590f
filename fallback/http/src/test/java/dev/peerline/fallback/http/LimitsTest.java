package dev.peerline.fallback.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;

final class LimitsTest {
    private static LinkLimits limits(int perKey, int connectsPerSecond, int burst) {
        Duration time = Duration.ofSeconds(1);
        return new LinkLimits(
                10, perKey, connectsPerSecond, burst, 1, 1, 1, 1, 65_536, time, time, time);
    }

    private static @Nullable String code(@Nullable Refusal refusal) {
        return refusal == null ? null : refusal.code();
    }

    @Test
    void aRateAllowsABurstAndThenItsAverage() {
        RateLimit rate = new RateLimit(10, 5, 0);
        for (int i = 0; i < 5; i++) assertEquals(0, rate.take(1, 0));
        assertEquals(100, rate.take(1, 0));
        assertEquals(0, rate.take(1, 200));
        assertTrue(rate.take(1, 200) > 0);
        assertEquals(0, rate.take(1, 100_000));
    }

    @Test
    void whoGoesOnTryingWaitsNoLongerThanForABurst() {
        RateLimit rate = new RateLimit(10, 5, 0);
        for (int i = 0; i < 1_000; i++) rate.take(1, 0);
        assertEquals(500, rate.take(1, 0));
    }

    @Test
    void aKeyHasSoManyConnectionsAndGetsThemBack() {
        Connections connections = new Connections(limits(2, 100, 100));
        assertNull(connections.connect("a", 0));
        assertNull(connections.connect("a", 0));
        assertEquals(ErrorCode.TOO_MANY_CONNECTIONS.name(), code(connections.connect("a", 0)));
        assertNull(connections.connect("b", 0));
        connections.close("a");
        assertNull(connections.connect("a", 0));
    }

    @Test
    void whoseLimitsCountMayChangeAfterHello() {
        Connections connections = new Connections(limits(1, 100, 100));
        assertNull(connections.connect("address", 0));
        assertNull(connections.move("address", "token", 0));
        assertNull(connections.connect("address", 0));
        assertNotNull(connections.move("address", "token", 0));
        // It holds neither now.
        assertNull(connections.connect("address", 0));
        connections.close("token");
        assertNull(connections.move("address", "token", 0));
    }

    @Test
    void whoIsExemptIsNotCounted() {
        Connections connections = new Connections(limits(1, 1, 1));
        for (int i = 0; i < 100; i++) assertNull(connections.connect(null, 0));
    }

    @Test
    void attemptsAreLimitedThoughNoneIsOpen() {
        Connections connections = new Connections(limits(100, 1, 3));
        for (int i = 0; i < 3; i++) {
            assertNull(connections.connect("a", 0));
            connections.close("a");
        }
        Refusal refusal = connections.connect("a", 0);
        assertEquals(ErrorCode.RATE_LIMITED.name(), code(refusal));
        connections.sweep(500);
        assertNotNull(connections.connect("a", 500), "sweeping forgives nothing early");
        connections.sweep(60_000);
        assertNull(connections.connect("a", 60_000));
    }

    @Test
    void limitsSayWhatTheyMayBe() {
        IllegalArgumentException problem =
                assertThrows(IllegalArgumentException.class, () -> limits(0, 1, 1));
        assertEquals("connectionsPerKey must be > 0, not 0", problem.getMessage());
    }

    @Test
    void everyErrorHasACloseCode() {
        for (ErrorCode code : ErrorCode.values()) {
            int close = CloseCode.of(code);
            assertTrue(close == 1011 || (close >= 4000 && close < 4500), code + " " + close);
        }
        // docs/protocol.md, section 2: 44xx except 4408 and 4429 are final.
        for (ErrorCode code : ErrorCode.values()) {
            int close = CloseCode.of(code);
            if (close < 4400) continue;
            boolean again = close == 4408 || close == 4429;
            assertEquals(again, code.retriable(), code.name());
        }
    }
}
