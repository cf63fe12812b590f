package dev.peerline.turn.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.util.List;

/** Rates, strangers and own addresses. */
final class LimitsTest {
    private static final long SECOND = 1_000_000_000L;

    private static TransportAddress address(String text, int port) {
        return TransportAddress.of(InetAddress.ofLiteral(text), port);
    }

    private static boolean take(StrangerLimit limit, String text, int bytes, long now) {
        TransportAddress it = address(text, 0);
        return limit.take(it.high(), it.low(), bytes, now);
    }

    @Test
    void aRateAdmitsItsBurstThenItsRate() {
        RateLimit limit = new RateLimit(1000, 500, Long.MAX_VALUE - SECOND); // time may wrap
        long now = Long.MAX_VALUE - SECOND;
        int admitted = 0;
        for (int millis = 0; millis < 5000; millis++) {
            for (int i = 0; i < 10; i++)
                if (limit.take(10, now + millis * 1_000_000L)) admitted += 10;
        }
        assertTrue(admitted >= 5480 && admitted <= 5520, admitted + " bytes in 5 s");
    }

    @Test
    void strangersOfOnePrefixShareAndOthersDoNot() {
        StrangerLimit limit = new StrangerLimit(7, 1000, 1_000_000, true, 0);
        int bytes = 0;
        for (int i = 0; i < 256; i++) if (take(limit, "1.2.3." + i, 100, 0)) bytes += 100;
        assertEquals(2000, bytes);
        assertTrue(take(limit, "1.2.4.1", 100, 0));
        assertTrue(take(limit, "1.2.3.9", 100, SECOND));
    }

    @Test
    void ipv6PrefixesAreAsWideAsSitesGetThem() {
        StrangerLimit limit = new StrangerLimit(7, 1000, 1_000_000, true, 0);
        int bytes = 0;
        for (int i = 0; i < 100; i++) {
            if (take(limit, "2600:1:2:" + i + "::1", 100, 0)) bytes += 100;
        }
        assertEquals(2000, bytes);
    }

    @Test
    void theTotalHoldsForAllPrefixesTogether() {
        StrangerLimit limit = new StrangerLimit(7, 0, 5000, true, 0);
        int bytes = 0;
        for (int i = 0; i < 200; i++) if (take(limit, "1.2." + i + ".1", 100, 0)) bytes += 100;
        assertEquals(5000, bytes);
    }

    @Test
    void loopbackIsExemptOnlyWhereItMayBe() {
        StrangerLimit exempt = new StrangerLimit(7, 100, 100, true, 0);
        StrangerLimit strict = new StrangerLimit(7, 100, 100, false, 0);
        for (int i = 0; i < 50; i++)
            assertTrue(take(exempt, i % 2 == 0 ? "127.0.0.1" : "::1", 90, 0));
        assertTrue(take(strict, "127.0.0.1", 90, 0));
        assertFalse(take(strict, "127.0.0.1", 90, 0));
    }

    @Test
    void liveRelayedAddressesAreKnownAsBoundAndAsAnnounced() {
        OwnAddresses own = new OwnAddresses();
        own.relayAddress(address("10.0.0.5", 0), address("1.2.3.4", 0));
        assertTrue(own.takePort(address("10.0.0.5", 50_000)));
        assertFalse(own.takePort(address("10.0.0.5", 50_000)));
        MutableAddress peer = new MutableAddress().set(address("1.2.3.4", 50_000));
        assertTrue(own.isLive(peer.high(), peer.low(), 50_000));
        assertFalse(own.isLive(peer.high(), peer.low(), 50_001));
        own.toLocal(peer);
        assertEquals(address("10.0.0.5", 50_000), peer.toAddress());
        own.toAnnounced(peer);
        assertEquals(address("1.2.3.4", 50_000), peer.toAddress());
        own.releasePort(address("10.0.0.5", 50_000));
        assertFalse(own.isLive(peer.high(), peer.low(), 50_000));
        assertTrue(own.takePort(address("10.0.0.5", 50_000)));
    }

    @Test
    void aWildcardListenerIsOnEveryAddressOfTheMachine() {
        OwnAddresses own = new OwnAddresses();
        own.machine(List.of(address("10.0.0.5", 0), address("fd00::5", 0)));
        own.listener(address("0.0.0.0", 3478));
        own.listener(address("10.0.0.9", 5349));
        TransportAddress here = address("10.0.0.5", 0);
        TransportAddress elsewhere = address("10.0.0.6", 0);
        TransportAddress named = address("10.0.0.9", 0);
        assertTrue(own.isListener(here.high(), here.low(), 3478));
        assertFalse(own.isListener(here.high(), here.low(), 3479));
        assertFalse(own.isListener(elsewhere.high(), elsewhere.low(), 3478));
        assertTrue(own.isListener(named.high(), named.low(), 5349));
    }
}
