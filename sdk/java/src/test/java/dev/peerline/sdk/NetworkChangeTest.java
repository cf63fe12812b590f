package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.pair.Destination;
import dev.peerline.sdk.driver.CarrierMemory;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What a peer makes of the network that it is on, and of another, in virtual time. */
final class NetworkChangeTest {
    private static final long SECOND = 1_000 * VirtualLoop.MS;

    private final VirtualLoop loop = new VirtualLoop();
    private final SimulatedServer server = new SimulatedServer(loop);
    private final SplittableRandom random = new SplittableRandom(1);

    private SimulatedRoom room(String name, CarrierMemory memory) {
        return new SimulatedRoom(
                name, 1, loop, server, random.split(), EnumSet.allOf(Rung.class), memory);
    }

    @Test
    void aChangeOfAddressesIsToldOnceUntilNobodyWantsToKnow() {
        AtomicReference<String> network = new AtomicReference<>("home");
        AtomicInteger looks = new AtomicInteger();
        Networks networks =
                new Networks(
                        loop,
                        loop::execute,
                        () -> {
                            looks.incrementAndGet();
                            return network.get();
                        });
        AtomicInteger news = new AtomicInteger();
        Runnable unaware = networks.add(news::incrementAndGet);
        loop.run(10 * SECOND);
        assertEquals(0, news.get());
        network.set("train");
        loop.run(20 * SECOND);
        assertEquals(1, news.get());
        unaware.run();
        loop.run(23 * SECOND);
        int before = looks.get();
        network.set("office");
        loop.run(3_600 * SECOND);
        assertEquals(before, looks.get());
        assertEquals(1, news.get());
        var _ = networks.add(news::incrementAndGet);
        loop.run(3_610 * SECOND);
        assertEquals(1, news.get());
    }

    @Test
    void whatWorkedIsDialledFirstByTheNextThatJoinsFromThere() {
        WorkingCarriers working = new WorkingCarriers(loop::nowNanos);
        CarrierMemory memory = working.of("https://host/", "office");
        assertNull(memory.worked());
        SimulatedRoom ada = room("ada", memory);
        ada.weather.blocked.add(Rung.WEBSOCKET);
        loop.run(15 * SECOND);
        assertEquals(Rung.SSE, memory.worked());
        SimulatedRoom bob = room("bob", working.of("https://host/", "office"));
        assertEquals(Rung.SSE, bob.carriers.getFirst().rung());
        SimulatedRoom cyd = room("cyd", working.of("https://host/", "home"));
        assertEquals(Rung.WEBSOCKET, cyd.carriers.getFirst().rung());
        // Better ones are tried all the same.
        loop.run(60 * SECOND);
        assertEquals(Rung.WEBSOCKET, memory.worked());
        loop.run(2 * 3_600 * SECOND);
        assertNull(memory.worked());
    }

    @Test
    void aCarrierThatDoesNotSurviveAnotherNetworkIsReplacedAtOnce() {
        SimulatedRoom ada = room("ada", CarrierMemory.NONE);
        SimulatedRoom bob = room("bob", CarrierMemory.NONE);
        loop.run(20 * SECOND);
        Peer to = ada.core.peers().values().iterator().next();
        List<PathChange> changes = new ArrayList<>();
        to.pathChanges().add(changes::add);
        for (SimulatedCarrier each : ada.carriers) each.cut(false);
        ada.weather.blocked.add(Rung.WEBSOCKET);
        ada.core.networkChanged();
        var receipt =
                ada.core.sends().send(Destination.ROOM, "", Data.text("hi"), SendOptions.DEFAULT);
        loop.run(22 * SECOND);
        PathChange change = changes.getFirst();
        assertEquals(PathKind.WEBSOCKET, change.from());
        assertEquals(PathKind.SSE, change.to());
        assertEquals("network", change.reason());
        assertEquals(1, change.moved());
        long stalledMillis = change.stalled().toMillis();
        assertTrue(stalledMillis > 0 && stalledMillis < 1_000, () -> stalledMillis + " ms");
        assertEquals(1, receipt.join().delivered());
        assertEquals(List.of("hi"), bob.heard.stream().map(Message::text).toList());
    }
}
