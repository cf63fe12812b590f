package dev.peerline.turn.allocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.turn.policy.OwnAddresses;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The tables, against simple models. */
final class AllocationStateTest {
    private static final long SECOND = 1_000_000_000L;

    private record TestClient(TransportAddress remote, TransportAddress local) implements Client {
        @Override
        public boolean isReliable() {
            return false;
        }
    }

    private static TransportAddress ipv4(int address, int port) {
        return new TransportAddress(0, TransportAddress.ipv4Low(address), port);
    }

    private static Allocation allocation(TransportAddress remote, TransportAddress local) {
        var secret = new Allocation.Secret(new byte[16], StunIntegrity.Kind.SHA1);
        var owner = new Allocation.Owner("user", "user", secret);
        return new Allocation(owner, new TestClient(remote, local), null, null, 1, 2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theTableFindsWhatWasAddedAndNothingElse(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        AllocationTable table = new AllocationTable(seed);
        Map<List<TransportAddress>, Allocation> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            TransportAddress remote = ipv4(random.nextInt(40), random.nextInt(20));
            TransportAddress local = ipv4(99, random.nextInt(2));
            List<TransportAddress> key = List.of(remote, local);
            Allocation found =
                    table.find(new MutableAddress().set(remote), new MutableAddress().set(local));
            assertEquals(model.get(key), found, "step " + step);
            if (found == null) {
                Allocation added = allocation(remote, local);
                table.add(added);
                model.put(key, added);
            } else if (random.nextInt(3) > 0) {
                table.remove(found);
                model.remove(key);
            }
            assertEquals(model.size(), table.count());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void deadlinesComeInOrder(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Deadlines deadlines = new Deadlines();
        List<Allocation> held = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            Allocation it = allocation(ipv4(i, 1), ipv4(9, 9));
            deadlines.add(it, random.nextLong(1000));
            held.add(it);
            if (random.nextInt(3) == 0) {
                deadlines.remove(held.remove(random.nextInt(held.size())));
            }
        }
        long last = -1;
        int count = 0;
        for (Allocation it = deadlines.poll(1000); it != null; it = deadlines.poll(1000)) {
            assertTrue(it.wakeAtNanos >= last);
            last = it.wakeAtNanos;
            count++;
        }
        assertEquals(held.size(), count);
        assertEquals(0, deadlines.count());
    }

    @Test
    void aDeadlineIsNotDueBeforeItsTime() {
        Deadlines deadlines = new Deadlines();
        Allocation it = allocation(ipv4(1, 1), ipv4(9, 9));
        deadlines.add(it, 100);
        assertNull(deadlines.poll(99));
        assertEquals(it, deadlines.poll(100));
    }

    @Test
    void permissionsLastFiveMinutesAndAreBounded() {
        Permissions permissions = new Permissions();
        for (int i = 0; i < 10; i++) assertTrue(permissions.install(0, i, i == 3, 10, 0));
        assertFalse(permissions.install(0, 10, false, 10, 0));
        assertTrue(permissions.install(0, 3, true, 10, 100 * SECOND)); // refreshed
        assertTrue(permissions.permits(0, 5, 300 * SECOND - 1));
        assertFalse(permissions.permits(0, 5, 300 * SECOND));
        assertTrue(permissions.permits(0, 3, 399 * SECOND));
        assertTrue(permissions.lastIsOwn());
        assertTrue(permissions.install(0, 10, false, 10, 301 * SECOND)); // the others are gone
        assertEquals(2, permissions.count());
    }

    @Test
    void channelsLastTenMinutesAndHaveOnePeerEach() {
        Channels channels = new Channels();
        assertEquals(Channels.Bound.YES, channels.bind(0x4000, ipv4(1, 1), false, 2, 0));
        assertEquals(Channels.Bound.MISMATCH, channels.bind(0x4000, ipv4(2, 1), false, 2, 0));
        assertEquals(Channels.Bound.MISMATCH, channels.bind(0x4001, ipv4(1, 1), false, 2, 0));
        assertEquals(Channels.Bound.YES, channels.bind(0x4001, ipv4(1, 2), true, 2, 0));
        assertEquals(Channels.Bound.TOO_MANY, channels.bind(0x4002, ipv4(1, 3), false, 2, 0));
        assertEquals(Channels.Bound.YES, channels.bind(0x4001, ipv4(1, 2), true, 2, 100 * SECOND));
        int index = channels.byNumber(0x4001, 699 * SECOND);
        assertEquals(2, channels.port(index));
        assertTrue(channels.isOwn(index));
        assertEquals(-1, channels.byNumber(0x4000, 600 * SECOND));
        assertEquals(-1, channels.byPeer(0, TransportAddress.ipv4Low(1), 1, 600 * SECOND));
        // a number that ran out may get another peer
        assertEquals(Channels.Bound.YES, channels.bind(0x4000, ipv4(2, 1), false, 2, 600 * SECOND));
        assertEquals(2, channels.count());
    }

    @Test
    void quotasForgetAccountsWithoutAllocations() {
        Quotas quotas = new Quotas();
        assertNotNull(quotas.take("a", 2, 3, 0, 0));
        assertNotNull(quotas.take("a", 2, 3, 0, 0));
        assertNull(quotas.take("a", 2, 3, 0, 0));
        assertNotNull(quotas.take("b", 2, 3, 0, 0));
        assertNull(quotas.take("c", 2, 3, 0, 0));
        quotas.release("b");
        assertEquals(1, quotas.accounts());
        assertNotNull(quotas.take("c", 2, 3, 0, 0));
        assertEquals(3, quotas.total());
    }

    private static RelayPort port(TransportAddress local) {
        return new RelayPort(local, local) {
            @Override
            public void close() {
                throw new AssertionError("it has no socket");
            }
        };
    }

    @Test
    void aReservationIsGoodForItsOwnerOnceAndForAWhile() {
        OwnAddresses own = new OwnAddresses();
        own.relayAddress(ipv4(1, 0), ipv4(1, 0));
        Reservations reservations = new Reservations(own);
        TransportAddress port = ipv4(1, 5001);
        assertTrue(own.takePort(port));
        List<String> closed = new ArrayList<>();
        var kept = new Reservations.Kept(port(port), () -> closed.add("socket"));
        reservations.keep(7, kept, "ada", 0);
        assertNull(reservations.claim(7, "eve", 0));
        assertNull(reservations.claim(8, "ada", 0));
        assertEquals(kept, reservations.claim(7, "ada", 29 * SECOND));
        assertNull(reservations.claim(7, "ada", 29 * SECOND));
        assertEquals(List.of(), closed, "it is the claimer's now");
        reservations.keep(9, kept, "ada", 0);
        assertNull(reservations.claim(9, "ada", 30 * SECOND));
        reservations.dropExpired(30 * SECOND);
        assertEquals(0, reservations.count());
        assertEquals(List.of("socket"), closed);
        assertTrue(own.takePort(port));
        reservations.keep(11, kept, "ada", 0);
        reservations.close();
        assertEquals(List.of("socket", "socket"), closed);
    }
}
