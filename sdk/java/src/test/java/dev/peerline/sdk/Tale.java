package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.pair.Destination;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Two peers talk for some seconds while their network does its worst, and sometimes the server
 * loses its memory. Then all heals. All chance comes from one seed.
 */
final class Tale {
    private static final long BUSY_NANOS = 6_000 * VirtualLoop.MS;
    private static final long HEALING_NANOS = 45_000 * VirtualLoop.MS;
    private static final int SHORT_CHARACTERS = 24;
    private static final int LONG_CHARACTERS = 40_000;
    private static final List<Rung> RUNGS = List.of(Rung.values());
    private static final List<String> CHANNELS = List.of("", "", "", "files");

    private final int seed;
    private final SplittableRandom random;
    private final VirtualLoop loop = new VirtualLoop();
    private final SimulatedServer server;
    private final List<SimulatedRoom> rooms = new ArrayList<>();
    private final Map<Stream, List<String>> sent = new LinkedHashMap<>();
    private final List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    private long payloadBytes;
    private int count;

    Tale(int seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        server = new SimulatedServer(loop);
        for (String name : List.of("ada", "bob")) {
            rooms.add(new SimulatedRoom(name, loop, server, random.split(), rungs()));
        }
    }

    /** What one says to the other in one order. */
    private record Stream(SimulatedRoom from, boolean direct, String channel) {}

    private Set<Rung> rungs() {
        if (random.nextInt(3) > 0) return EnumSet.allOf(Rung.class);
        Set<Rung> some = EnumSet.of(anyRung());
        some.add(anyRung());
        return some;
    }

    private Rung anyRung() {
        return RUNGS.get(random.nextInt(RUNGS.size()));
    }

    void run() {
        // They meet before anything goes wrong: whom a message is for is then known.
        loop.run(3_000 * VirtualLoop.MS);
        long end = loop.nowNanos() + BUSY_NANOS;
        loop.execute(() -> talk(end));
        loop.execute(() -> trouble(end));
        if (random.nextInt(10) == 0) loop.after(random.nextLong(BUSY_NANOS), server::restart);
        loop.run(end);
        for (SimulatedRoom room : rooms) room.weather.clear();
        loop.run(end + HEALING_NANOS);
    }

    private void talk(long end) {
        if (loop.nowNanos() >= end) return;
        SimulatedRoom from = rooms.get(random.nextInt(rooms.size()));
        String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
        boolean direct = random.nextBoolean();
        Peer to = from.core.peers().values().iterator().next();
        int size = random.nextInt(20) == 0 ? LONG_CHARACTERS : SHORT_CHARACTERS;
        String text = ++count + " " + "x".repeat(size);
        payloadBytes += text.length();
        sent.computeIfAbsent(new Stream(from, direct, channel), _ -> new ArrayList<>()).add(text);
        Destination destination = direct ? Destination.peer(to.key()) : Destination.ROOM;
        receipts.add(
                from.core.sends().send(destination, channel, Data.text(text), SendOptions.DEFAULT));
        loop.after(random.nextLong(40 * VirtualLoop.MS), () -> talk(end));
    }

    private void trouble(long end) {
        if (loop.nowNanos() >= end) return;
        SimulatedRoom room = rooms.get(random.nextInt(rooms.size()));
        Weather weather = room.weather;
        int dice = random.nextInt(100);
        if (dice < 25) {
            for (SimulatedCarrier each : List.copyOf(room.carriers)) each.cut(random.nextBoolean());
        } else if (dice < 40) {
            boolean up = random.nextBoolean();
            for (SimulatedCarrier each : room.carriers) {
                each.deafUp |= up;
                each.deafDown |= !up;
            }
        } else if (dice < 55) {
            weather.blocked.add(anyRung());
        } else if (dice < 70) {
            weather.blocked.clear();
        } else if (dice < 80) {
            weather.delayNanos = random.nextLong(300) * VirtualLoop.MS;
            weather.jitterNanos = random.nextLong(1, 200) * VirtualLoop.MS;
        } else if (dice < 90) {
            weather.lostPercent = random.nextInt(40);
            weather.doubledPercent = random.nextInt(40);
        } else {
            weather.clear();
        }
        loop.after(random.nextLong(600 * VirtualLoop.MS), () -> trouble(end));
    }

    /** Delivery, memory; the cost is for many tales together. */
    void check() {
        String why = "seed " + seed;
        assertEquals(null, failed(), why);
        for (Map.Entry<Stream, List<String>> each : sent.entrySet()) {
            assertEquals(numbers(each.getValue()), numbers(heard(each.getKey())), why);
            assertEquals(each.getValue(), heard(each.getKey()), why);
        }
        for (CompletableFuture<Receipt> each : receipts) {
            assertTrue(each.isDone(), why + ": a receipt is missing");
            assertEquals(1, each.join().delivered(), why);
        }
        for (SimulatedRoom room : rooms) {
            assertEquals(List.of(), room.gaps, why);
            assertEquals(0, room.core.heldBytes(), why + ": held by " + room.core.me());
            assertEquals(RoomState.OPEN, room.core.state(), why);
        }
        assertEquals(0, server.mailboxBytes(), why + ": mailboxes");
    }

    private static List<String> numbers(List<String> texts) {
        return texts.stream().map(text -> text.substring(0, text.indexOf(' '))).toList();
    }

    private List<String> heard(Stream stream) {
        List<String> texts = new ArrayList<>();
        for (SimulatedRoom room : rooms) {
            if (room == stream.from()) continue;
            for (Message message : room.heard) {
                if (message.direct() == stream.direct()
                        && message.channel().equals(stream.channel())) {
                    texts.add(message.text());
                }
            }
        }
        return texts;
    }

    @Nullable PeerlineException failed() {
        for (SimulatedRoom room : rooms) {
            if (room.failed() != null) return room.failed();
        }
        return null;
    }

    List<String> events() {
        List<String> events = new ArrayList<>();
        for (SimulatedRoom room : rooms) {
            for (Message message : room.heard) events.add(room.core.me() + " " + message.text());
        }
        return events;
    }

    /** What both peers and the server put on carriers, in terms of what was said. */
    double wireCost() {
        long wire = 0;
        for (SimulatedRoom room : rooms) wire += room.weather.wireBytes;
        return (double) wire / payloadBytes;
    }
}
