package dev.peerline.datachannel.sctp.rx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The a_rwnd: what may come is what there is room for, and the room grows with the path. */
final class ReceiveWindowTest {
    private static final long MILLIS = 1_000_000;

    private final ReceiveWindow window = new ReceiveWindow(1000, 8000);

    /** Bytes that come, and are taken at once. */
    private void receive(int bytes, long nowMillis) {
        window.onReceived(bytes, nowMillis * MILLIS);
    }

    /** RFC 9260 §6.2.1: "a_rwnd" goes down by what is held and up by what is taken. */
    @Test
    void advertisesWhatIsLeft() {
        assertEquals(1000, window.advertise());
        window.hold(300);
        assertEquals(700, window.advertise());
        window.hold(-300);
        assertEquals(1000, window.advertise());
        window.hold(1500);
        assertEquals(0, window.advertise());
        assertEquals(1500, window.heldBytes());
    }

    @Test
    void isFullAtItsLimitAndExhaustedAtTwiceTheLargest() {
        window.hold(999);
        assertFalse(window.isFull());
        window.hold(1);
        assertTrue(window.isFull());
        window.hold(14_999);
        assertFalse(window.isExhausted());
        window.hold(1);
        assertTrue(window.isExhausted());
    }

    /** Half a window within two round trips: the peer is held back by it. */
    @Test
    void doublesForAPeerThatFillsIt() {
        window.onRtt(50 * MILLIS);
        receive(1, 1000);
        receive(498, 1050);
        assertEquals(1000, window.advertise());
        receive(1, 1100);
        assertEquals(2000, window.advertise());
    }

    @Test
    void doesNotGrowForAPeerThatSendsLittle() {
        window.onRtt(50 * MILLIS);
        for (int i = 0; i < 100; i++) receive(499, 1000 + i * 101L);
        assertEquals(1000, window.advertise());
    }

    @Test
    void growsNoFurtherThanItsMemory() {
        window.onRtt(50 * MILLIS);
        for (int i = 0; i < 10; i++) receive(8000, 1000);
        assertEquals(8000, window.advertise());
        ReceiveWindow odd = new ReceiveWindow(1000, 1500);
        odd.onReceived(1000, 1000 * MILLIS);
        odd.onReceived(1000, 1000 * MILLIS);
        assertEquals(1500, odd.advertise());
        assertEquals(500, new ReceiveWindow(1000, 500).advertise());
    }

    /** On a longer path the same bytes a second fill more. */
    @Test
    void countsInRoundTrips() {
        window.onRtt(10 * MILLIS);
        for (int i = 0; i < 50; i++) receive(100, 1000 + i * 10L);
        assertEquals(1000, window.advertise());
        window.onRtt(0); // not measured: the last one stands
        for (int i = 0; i < 50; i++) receive(100, 2000 + i * 10L);
        assertEquals(1000, window.advertise());
        window.onRtt(200 * MILLIS);
        for (int i = 0; i < 50; i++) receive(100, 3000 + i * 10L);
        assertTrue(window.advertise() >= 2000);
    }

    /** RFC 9260 §6.2: no SACK for every message taken, but the peer must not wait for ever. */
    @Test
    void isWorthTellingWhenMuchHasBecomeFree() {
        window.hold(900);
        assertEquals(100, window.advertise());
        window.hold(-249);
        assertFalse(window.isWorthTelling());
        window.hold(-1);
        assertTrue(window.isWorthTelling());
        assertEquals(350, window.advertise());
        assertFalse(window.isWorthTelling());
    }

    @Test
    void isNotWorthTellingWhileThePeerBelievesInEnough() {
        window.hold(500);
        assertEquals(500, window.advertise());
        window.hold(-500);
        assertFalse(window.isWorthTelling());
    }

    /** A round trip of zero is none that was measured. */
    @Test
    void keepsTheRoundTripThatWasMeasured() {
        window.onRtt(50 * MILLIS);
        window.onRtt(0);
        receive(1, 1000);
        receive(499, 1050);
        assertEquals(2000, window.advertise());
    }
}
