package dev.peerline.datachannel.sctp.congestion;

import static dev.peerline.datachannel.sctp.congestion.ModelFixture.ACKED;
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
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

/** The model's rules one by one, to the byte and to the acknowledgement. */
final class ModelControlRulesTest {
    /** Two products, what one acknowledgement brings, and two packets. */
    private static final long CRUISING_WINDOW = 2 * PRODUCT + ACKED + 2 * MTU;

    private final ModelFixture path = new ModelFixture();
    private final ModelControl control = path.control;

    private void cruiseWithAFullWindow() {
        path.cruise();
        path.rounds(20);
        assertEquals(CRUISING_WINDOW, control.windowBytes());
    }

    /** A lump: 150,000 bytes within a millisecond, of which the rate explains 10,000. */
    private void lump() {
        path.ack(PRODUCT);
        path.now += MILLIS;
        path.tell(100_000, PRODUCT, RATE, RTT, PRODUCT, 0);
        path.now += 14 * MILLIS;
    }

    /** What acknowledgements run ahead of the rate is allowed beside, for ten rounds. */
    @Test
    void allowsForAcknowledgementsThatComeInLumps() {
        cruiseWithAFullWindow();
        lump();
        path.rounds(10);
        assertEquals(2 * PRODUCT + 140_000 + 2 * MTU, control.windowBytes());
        path.rounds(2);
        assertEquals(CRUISING_WINDOW, control.windowBytes());
        // One that is as large begins the ten rounds anew.
        lump();
        path.rounds(8);
        lump();
        path.rounds(10);
        assertEquals(2 * PRODUCT + 140_000 + 2 * MTU, control.windowBytes());
    }

    /** No more than a window at once, however much one acknowledgement brings. */
    @Test
    void allowsNoMoreThanAWindowForALump() {
        cruiseWithAFullWindow();
        path.ack(PRODUCT);
        path.tell(5_000_000, PRODUCT, RATE, RTT, PRODUCT, 0);
        path.now += 500 * MILLIS;
        path.rounds(9);
        assertEquals(2 * PRODUCT + CRUISING_WINDOW + 2 * MTU, control.windowBytes());
    }

    /** Three rounds without growth after the first end the start, no sooner and no later. */
    @Test
    void countsRoundsByWhatWasInFlight() {
        int acks = 0;
        while (control.phase() == Phase.STARTUP) {
            path.ack(3 * PRODUCT);
            // What acknowledges nothing begins no round.
            path.tell(0, 0, 0, 0, 3 * PRODUCT, 0);
            acks++;
        }
        // The first acknowledgement is a round by itself, and the next three take ten each.
        assertEquals(1 + 3 * 10, acks);
    }

    /** "more" is a quarter more in a round: less is no growth. */
    @ParameterizedTest
    @CsvSource({"4, STARTUP", "16, DRAIN"})
    void growthIsAQuarterARound(int share, Phase phase) {
        long rate = 1 << 20;
        for (int i = 0; i < 8; i++) {
            path.round(rate, RTT, 0);
            path.tell(1, 0, rate, RTT, 1 << 30, 0);
            rate += rate / share;
        }
        if (phase == Phase.STARTUP) assertEquals(phase, control.phase());
        else assertTrue(control.phase() != Phase.STARTUP);
    }

    /** RFC 9406 §4.3: "lastRoundMinRTT + RttThresh" is no sign yet; one nanosecond more is. */
    @ParameterizedTest
    @CsvSource({"0, STARTUP", "1, DRAIN"})
    void aQueueIsAnEighthOfTheRoundTrip(long more, Phase phase) {
        path.appLimited = true;
        path.ack(3 * PRODUCT);
        for (int i = 0; i < 8; i++) {
            assertEquals(Phase.STARTUP, control.phase());
            path.tell(ACKED, PRODUCT, RATE, RTT + RTT / 8 + more, 3 * PRODUCT, 0);
        }
        assertEquals(phase, control.phase());
    }

    /** It drains until no more than the product is in flight. */
    @Test
    void drainsDownToTheProduct() {
        for (int i = 0; i < 31; i++) path.ack(3 * PRODUCT);
        assertEquals(Phase.DRAIN, control.phase());
        path.ack(PRODUCT + ACKED + 1);
        assertEquals(Phase.DRAIN, control.phase());
        path.ack(PRODUCT + ACKED);
        assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
    }

    /** Each phase of the cycle takes just more than a round trip when nothing ends it sooner. */
    @Test
    void aPhaseOfTheCycleTakesARoundTrip() {
        path.cruise();
        path.untilPercent(100, 3 * PRODUCT);
        path.untilPercent(125, 3 * PRODUCT);
        List<Integer> acks = new ArrayList<>();
        for (long percent : new long[] {125, 75, 100, 125}) {
            int count = 0;
            while (path.percent() == percent && count < 100) {
                path.ack(3 * PRODUCT);
                count++;
            }
            acks.add(count);
        }
        assertEquals(List.of(11, 11, 66, 11), acks);
    }

    /**
     * It asks for more until there is more in flight, or something is lost, or there is no more.
     */
    @ParameterizedTest
    @ValueSource(strings = {"full", "lost", "appLimited"})
    void probesUntilThePipeIsFuller(String end) {
        path.cruise();
        path.untilPercent(125, PRODUCT);
        long full = PRODUCT * 5 / 4;
        for (int i = 0; i < 30; i++) path.ack(full - 1);
        assertEquals(125, path.percent());
        path.appLimited = end.equals("appLimited");
        long inFlight = end.equals("full") ? full : full - 1;
        path.ack(RATE, RTT, inFlight, end.equals("lost") ? 1 : 0);
        assertEquals(75, path.percent());
    }

    /** What the probe has put into the queue is let out, and no more than that. */
    @Test
    void drainsAfterAProbeUntilTheQueueIsGone() {
        path.cruise();
        path.untilPercent(125, 3 * PRODUCT);
        path.untilPercent(75, 3 * PRODUCT);
        path.ack(PRODUCT + ACKED + 1);
        assertEquals(75, path.percent());
        path.ack(PRODUCT + ACKED);
        assertEquals(100, path.percent());
    }

    /** A rate that cannot be told is none. */
    @Test
    void aSampleWithoutARateTellsNothing() {
        cruiseWithAFullWindow();
        for (int i = 0; i < 300; i++) {
            path.now += 5 * MILLIS;
            path.tell(ACKED, PRODUCT, 0, RTT, PRODUCT, 0);
        }
        assertEquals(CRUISING_WINDOW, control.windowBytes());
    }

    /** What the application caused, and is as fast as was ever seen, is the path's rate. */
    @Test
    void anApplicationAsFastAsThePathConfirmsItsRate() {
        path.cruise();
        path.appLimited = true;
        path.rounds(8);
        path.appLimited = false;
        for (int i = 0; i < 8; i++) path.round(RATE / 2, RTT, 0);
        assertTrue(path.percent() >= 75);
    }

    /** A round trip as short as the shortest keeps it fresh: nothing is probed for. */
    @Test
    void looksForNoShorterRoundTripWhileItIsSeen() {
        path.cruise();
        for (int i = 0; i < 400 * 10; i++) {
            path.ack(PRODUCT);
            assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
        }
    }

    /** Ten seconds after the shortest was seen, and not while they last. */
    @Test
    void looksForAShorterRoundTripAfterTenSeconds() {
        path.cruise();
        long seen = path.now;
        path.now = seen + 10_000 * MILLIS;
        path.tell(ACKED, PRODUCT, RATE, RTT + 1, PRODUCT, 0);
        assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
        path.now++;
        path.tell(ACKED, PRODUCT, RATE, RTT + 1, PRODUCT, 0);
        assertEquals(Phase.PROBE_RTT, control.phase());
        long began = path.now;
        path.now = began + 200 * MILLIS - 1;
        path.tell(ACKED, PRODUCT, RATE, RTT + 1, PRODUCT, 0);
        assertEquals(Phase.PROBE_RTT, control.phase());
        path.now++;
        path.tell(ACKED, PRODUCT, RATE, RTT + 1, PRODUCT, 0);
        assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
    }

    /** On a path of a second, two round trips. */
    @Test
    void looksForTwoRoundTripsOnALongPath() {
        long second = 1000 * MILLIS;
        for (int i = 0; i < 8; i++) path.round(RATE, second, 0);
        long seen = path.now;
        path.now = seen + 10_000 * MILLIS + 1;
        path.tell(1_000_000, RATE, RATE, second, RATE, 0);
        assertEquals(Phase.PROBE_RTT, control.phase());
        path.now += 2 * second - 1;
        path.tell(1_000_000, RATE, RATE, second, RATE, 0);
        assertEquals(Phase.PROBE_RTT, control.phase());
        path.now++;
        path.tell(1_000_000, RATE, RATE, second, RATE, 0);
        assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
    }

    /** On a slow path the moment's window is four packets, not half of next to nothing. */
    @Test
    void keepsFourPacketsWhileItLooksForAShorterRoundTrip() {
        for (int i = 0; i < 20; i++) path.round(20_000, RTT, 0);
        path.now += 10_001 * MILLIS;
        path.tell(100, 1000, 20_000, RTT, 1000, 0);
        assertEquals(Phase.PROBE_RTT, control.phase());
        assertEquals(4 * MTU, control.windowBytes());
    }

    /** A sample without a round trip does not make the path one of none. */
    @Test
    void aSampleWithoutARoundTripLeavesTheShortest() {
        cruiseWithAFullWindow();
        path.now += 5 * MILLIS;
        path.tell(ACKED, PRODUCT, RATE, 0, PRODUCT, 0);
        path.rounds(1);
        assertEquals(CRUISING_WINDOW, control.windowBytes());
    }

    /** A round that loses 5 %, with round trips so long. */
    private void lossy(long rtt, long inFlight) {
        for (int i = 0; i < 10; i++) {
            path.now += 5 * MILLIS;
            path.tell(ACKED, PRODUCT, RATE, rtt, inFlight, ACKED / 19);
        }
    }

    /** A queue is a quarter of the round trip and a millisecond: so much is none yet. */
    @ParameterizedTest
    @CsvSource({"0, false", "1, true"})
    void lossWithAQueueIsCongestion(long more, boolean congested) {
        cruiseWithAFullWindow();
        for (int i = 0; i < 3; i++) lossy(RTT + RTT / 4 + MILLIS + more, PRODUCT);
        assertEquals(congested, control.windowBytes() < PRODUCT);
    }

    /** Where no round trip was measured, no queue was seen. */
    @Test
    void lossWithoutARoundTripShowsNoQueue() {
        cruiseWithAFullWindow();
        for (int i = 0; i < 5; i++) lossy(0, PRODUCT);
        assertEquals(CRUISING_WINDOW, control.windowBytes());
    }

    /** And one sample without a round trip does not hide a queue that the others show. */
    @Test
    void aSampleWithoutARoundTripHidesNoQueue() {
        cruiseWithAFullWindow();
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 9; k++) {
                path.now += 5 * MILLIS;
                path.tell(ACKED, PRODUCT, RATE, 2 * RTT, PRODUCT, ACKED / 10);
            }
            path.now += 5 * MILLIS;
            path.tell(ACKED, PRODUCT, RATE, 0, PRODUCT, ACKED / 10);
        }
        assertTrue(control.windowBytes() < PRODUCT);
    }

    /** A fifth lost is what a link may lose; more is congestion whatever the round trip says. */
    @ParameterizedTest
    @CsvSource({"0, false", "1, true"})
    void lossBeyondAFifthIsCongestion(long more, boolean congested) {
        cruiseWithAFullWindow();
        for (int i = 0; i < 30; i++) path.ack(RATE, RTT, PRODUCT, ACKED / 4 + more);
        assertEquals(congested, control.windowBytes() < PRODUCT);
    }

    /** Seven tenths of what was in flight; a sixteenth more each round; forgotten at the window. */
    @Test
    void theCeilingRisesSlowlyAfterCongestion() {
        cruiseWithAFullWindow();
        while (control.windowBytes() == CRUISING_WINDOW) lossyAck(800_000);
        assertEquals(560_000, control.windowBytes());
        List<Long> ceilings = new ArrayList<>();
        long before = control.windowBytes();
        for (int i = 0; i < 200; i++) {
            path.ack(PRODUCT);
            if (control.windowBytes() != before) ceilings.add(control.windowBytes());
            before = control.windowBytes();
        }
        List<Long> sixteenths =
                List.of(
                        595_000L,
                        632_187L,
                        671_698L,
                        713_679L,
                        758_283L,
                        805_675L,
                        856_029L,
                        909_530L,
                        966_375L,
                        1_026_773L);
        assertTrue(ceilings.containsAll(sixteenths), ceilings::toString);
        assertEquals(15, ceilings.size());
        assertEquals(CRUISING_WINDOW, control.windowBytes());
    }

    private void lossyAck(long inFlight) {
        path.now += 5 * MILLIS;
        path.tell(ACKED, PRODUCT, RATE, 2 * RTT, inFlight, ACKED / 10);
    }

    /** On a slow path the ceiling is four packets at least, and rises by one a round. */
    @Test
    void theCeilingIsFourPacketsAtLeast() {
        for (int i = 0; i < 20; i++) path.round(200_000, RTT, 0);
        for (int i = 0; i < 50; i++) path.round(200_000, RTT, 0.5);
        assertEquals(4 * MTU, control.windowBytes());
        path.round(200_000, RTT, 0);
        path.round(200_000, RTT, 0);
        assertEquals(5 * MTU, control.windowBytes());
        path.round(200_000, RTT, 0);
        assertEquals(6 * MTU, control.windowBytes());
    }

    /** On the slowest of paths the window is four packets. */
    @Test
    void keepsFourPacketsOnTheSlowestPath() {
        for (int i = 0; i < 20; i++) path.round(1000, RTT, 0);
        assertTrue(control.phase() != Phase.STARTUP);
        assertEquals(4 * MTU, control.windowBytes());
    }

    /** Before any rate is known the window grows by what arrives. */
    @Test
    void growsByWhatArrivesBeforeARateIsKnown() {
        path.tell(3000, 0, 0, 0, 10_000, 0);
        path.tell(500, 0, 0, RTT, 10_000, 0);
        assertEquals(13_500, control.windowBytes());
    }

    /** Before a round trip is known the product is taken for ten packets. */
    @Test
    void takesTheProductForTenPacketsBeforeARoundTripIsKnown() {
        for (int i = 0; i < 10; i++) {
            path.now += MILLIS;
            path.tell(1000, 0, 1_000_000, 0, 10_000, 0);
        }
        // Ten packets, one that came at once, and two.
        assertEquals(13_000, control.windowBytes());
    }

    /** The start lets the window grow to its gain times the product, and not on. */
    @Test
    void theStartsWindowHasABound() {
        path.appLimited = true;
        for (int i = 0; i < 60; i++) path.round(1_000_000, RTT, 0);
        long target = (long) (2.773 * 50_000) + 5_000 + 2 * MTU;
        long window = control.windowBytes();
        assertTrue(window >= target && window < target + 5_000, () -> window + " bytes");
    }

    /** After T3-rtx four packets and what they bring, until a round has got through. */
    @Test
    void waitsForARoundAfterATimeout() {
        cruiseWithAFullWindow();
        path.ack(PRODUCT);
        control.onTimeout();
        assertEquals(4 * MTU, control.windowBytes());
        path.tell(1000, 1_000_000_000, RATE, RTT, PRODUCT, 0);
        assertEquals(5 * MTU, control.windowBytes());
        path.tell(1000, 0, RATE, RTT, PRODUCT, 0);
        assertEquals(CRUISING_WINDOW, control.windowBytes());
    }

    /** What the old path lost says nothing about the new one. */
    @Test
    void forgetsTheLossesOfAPathThatIsNoMore() {
        path.cruise();
        path.ack(PRODUCT);
        path.ack(RATE, RTT, PRODUCT, 100 * PRODUCT);
        control.onPathChange();
        path.ack(PRODUCT);
        path.rounds(3);
        assertTrue(control.windowBytes() > PRODUCT);
        assertEquals(Phase.STARTUP, control.phase());
    }

    /** Each kind is what it is called. */
    @Test
    void thereAreThreeKinds() {
        assertTrue(CongestionControl.Algorithm.MODEL.create(MTU) instanceof ModelControl);
        assertTrue(CongestionControl.Algorithm.CUBIC.create(MTU) instanceof CubicControl);
        assertTrue(CongestionControl.Algorithm.RENO.create(MTU) instanceof RenoControl);
    }
}
