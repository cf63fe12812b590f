package dev.peerline.datachannel.sctp.congestion;

import static dev.peerline.datachannel.sctp.congestion.ModelFixture.ACKS_A_ROUND;
import static dev.peerline.datachannel.sctp.congestion.ModelFixture.MILLIS;
import static dev.peerline.datachannel.sctp.congestion.ModelFixture.MTU;
import static dev.peerline.datachannel.sctp.congestion.ModelFixture.PRODUCT;
import static dev.peerline.datachannel.sctp.congestion.ModelFixture.RATE;
import static dev.peerline.datachannel.sctp.congestion.ModelFixture.RTT;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.congestion.ModelControl.Phase;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;

/** What the model does on a path: its phases, its rate, its window. */
final class ModelControlTest {
    private final ModelFixture path = new ModelFixture();
    private final ModelControl control = path.control;

    private void assertAbout(double expected, long actual) {
        assertTrue(
                Math.abs(actual - expected) <= 0.03 * expected,
                () -> expected + " is not " + actual);
    }

    /** RFC 6928: ten packets, before anything is known, and not spaced. */
    @Test
    void beginsWithTenPackets() {
        assertEquals(10 * MTU, control.windowBytes());
        assertEquals(0, control.pacingBytesPerSecond());
        assertEquals(Phase.STARTUP, control.phase());
    }

    /** 4 ln 2 is the smallest gain that lets the rate double each round. */
    @Test
    void sendsFasterThanThePathWasSeenToDeliverInTheStart() {
        for (long rate = 100_000; rate <= RATE; rate *= 2) {
            path.round(rate, RTT, 0);
            assertAbout(2.773 * rate, control.pacingBytesPerSecond());
            assertEquals(Phase.STARTUP, control.phase());
        }
    }

    @Test
    void endsTheStartWhenThreeRoundsBroughtNoMore() {
        for (int i = 0; i < 3; i++) path.round(RATE, RTT, 0);
        assertEquals(Phase.STARTUP, control.phase());
        // In flight more than the product: it drains first, below the path's rate.
        for (int i = 0; i < 2 * ACKS_A_ROUND; i++) path.ack(RATE, RTT, 3 * PRODUCT, 0);
        assertEquals(Phase.DRAIN, control.phase());
        assertAbout(RATE / 2.773, control.pacingBytesPerSecond());
        path.ack(RATE, RTT, PRODUCT, 0);
        assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
    }

    @Test
    void anApplicationThatSendsLittleDoesNotEndTheStart() {
        path.appLimited = true;
        for (int i = 0; i < 20; i++) path.round(100_000, RTT, 0);
        assertEquals(Phase.STARTUP, control.phase());
    }

    /** RFC 9406 §4.3: round trips that have grown by an eighth, eight in a row. */
    @Test
    void endsTheStartWhenRoundTripsGrow() {
        path.ack(RATE, RTT, PRODUCT, 0);
        for (int i = 0; i < 7; i++) path.ack(RATE, RTT + 8 * MILLIS, 3 * PRODUCT, 0);
        path.ack(RATE, RTT, 3 * PRODUCT, 0);
        for (int i = 0; i < 7; i++) path.ack(RATE, RTT + 8 * MILLIS, 3 * PRODUCT, 0);
        assertEquals(Phase.STARTUP, control.phase());
        path.ack(RATE, RTT + 8 * MILLIS, 3 * PRODUCT, 0);
        assertEquals(Phase.DRAIN, control.phase());
    }

    @Test
    void keepsAboutTwoProductsInFlightAtMost() {
        path.cruise();
        for (int i = 0; i < 20; i++) path.round(RATE, RTT, 0);
        long window = control.windowBytes();
        assertTrue(window >= 2 * PRODUCT && window <= 2.5 * PRODUCT, () -> window + " bytes");
    }

    @Test
    void probesForMoreOneRoundInEight() {
        path.cruise();
        List<Long> percents = new ArrayList<>();
        for (int i = 0; i < 40 * ACKS_A_ROUND; i++) {
            path.ack(RATE, RTT, 3 * PRODUCT, 0);
            long percent = Math.round(control.pacingBytesPerSecond() * 100.0 / RATE);
            if (percents.isEmpty() || percents.getLast() != percent) percents.add(percent);
        }
        int up = percents.indexOf(125L);
        assertEquals(List.of(125L, 75L, 100L, 125L, 75L, 100L), percents.subList(up, up + 6));
    }

    @Test
    void followsAPathThatBecomesFaster() {
        path.cruise();
        path.round(2 * RATE, RTT, 0);
        assertTrue(control.pacingBytesPerSecond() >= 1.5 * RATE);
        for (int i = 0; i < 20; i++) path.round(2 * RATE, RTT, 0);
        assertTrue(control.windowBytes() >= 4 * PRODUCT);
    }

    /** A rate that the application caused says nothing about the path, unless it is higher. */
    @Test
    void doesNotTakeTheApplicationsRateForThePaths() {
        path.cruise();
        path.appLimited = true;
        for (int i = 0; i < 30; i++) path.round(RATE / 100, RTT, 0);
        assertTrue(control.pacingBytesPerSecond() >= 0.74 * RATE);
        path.appLimited = false;
        for (int i = 0; i < 30; i++) path.round(RATE / 100, RTT, 0);
        assertTrue(control.pacingBytesPerSecond() <= 1.26 * RATE / 100);
    }

    /** What a radio link loses is no congestion: up to 2 % with a queue, 20 % without. */
    @ParameterizedTest
    @CsvSource({"0.01, 0, false", "0.15, 0, false", "0.25, 0, true", "0.01, 30, false"})
    void tellsCongestionFromLoss(double lossRate, long queueMillis, boolean congested) {
        path.cruise();
        for (int i = 0; i < 4; i++) path.round(RATE, RTT + queueMillis * MILLIS, lossRate);
        assertEquals(
                congested, control.windowBytes() < PRODUCT, () -> control.windowBytes() + " bytes");
    }

    @Test
    void givesWayWhenAQueueLosesPackets() {
        path.cruise();
        for (int i = 0; i < 2; i++) path.round(RATE, RTT + 30 * MILLIS, 0.05);
        path.ack(RATE, RTT + 30 * MILLIS, PRODUCT, 0);
        long first = control.windowBytes();
        assertTrue(first <= 0.75 * 0.8 * 2 * PRODUCT, () -> first + " bytes");
        for (int i = 0; i < 3; i++) path.round(RATE, RTT + 30 * MILLIS, 0.05);
        assertTrue(control.windowBytes() < 0.6 * first, () -> control.windowBytes() + " bytes");
        // And comes back when nothing is lost any more.
        for (int i = 0; i < 60; i++) path.round(RATE, RTT, 0);
        assertTrue(control.windowBytes() >= 2 * PRODUCT, () -> control.windowBytes() + " bytes");
    }

    @Test
    void neverFallsBelowFourPackets() {
        for (int i = 0; i < 50; i++) path.round(100_000, RTT, 0.5);
        assertEquals(4 * MTU, control.windowBytes());
    }

    /** Every ten seconds half a product for a moment, or the smallest round trip is never seen. */
    @Test
    void looksForTheSmallestRoundTripEveryTenSeconds() {
        path.cruise();
        long longer = RTT + 5 * MILLIS;
        int rounds = 0;
        while (control.phase() != Phase.PROBE_RTT && rounds++ < 300) path.round(RATE, longer, 0);
        assertTrue(rounds >= 160 && rounds <= 190, rounds + " rounds of 55 ms");
        path.round(RATE, longer, 0);
        assertEquals(Phase.PROBE_RTT, control.phase());
        assertAbout(0.5 * RATE * 0.055, control.windowBytes());
        for (int i = 0; i < 4; i++) path.round(RATE, longer, 0);
        assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
        assertTrue(
                control.windowBytes() >= 2 * PRODUCT, "what was in flight before is allowed again");
    }

    /** The model outlives T3-rtx: one round with four packets, then the window as it was. */
    @Test
    void isBackARoundAfterATimeout() {
        path.cruise();
        long before = control.windowBytes();
        control.onTimeout();
        assertEquals(4 * MTU, control.windowBytes());
        control.onTimeout();
        path.round(RATE, RTT, 0);
        path.round(RATE, RTT, 0);
        assertTrue(control.windowBytes() >= before);
    }

    @Test
    void isBackAtOnceWhenTheTimeoutWasForNothing() {
        path.cruise();
        long before = control.windowBytes();
        control.onTimeout();
        control.onSpuriousTimeout();
        assertEquals(before, control.windowBytes());
        control.onSpuriousTimeout();
        assertEquals(before, control.windowBytes());
    }

    @Test
    void forgetsThePathThatIsNoMore() {
        path.cruise();
        control.onPathChange();
        assertEquals(10 * MTU, control.windowBytes());
        assertEquals(0, control.pacingBytesPerSecond());
        assertEquals(Phase.STARTUP, control.phase());
        path.round(100_000, 2 * RTT, 0);
        assertAbout(277_300, control.pacingBytesPerSecond());
    }

    /** What had been idle goes on at the path's rate, not at that of the phase it stopped in. */
    @Test
    void goesOnAtThePathsRateAfterASilence() {
        path.cruise();
        while (control.pacingBytesPerSecond() > 0.8 * RATE) path.ack(RATE, RTT, 3 * PRODUCT, 0);
        control.onRestart(path.now);
        assertEquals(RATE, control.pacingBytesPerSecond());
    }
}
