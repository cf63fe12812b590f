package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/**
 * Two peers talk for some seconds while their network does its worst, and sometimes the server
 * loses its memory, or a peer is loaded again, or leaves and comes back. Then all heals. All chance
 * comes from one seed.
 */
final class Tale {
    private static final long BUSY_NANOS = 6_000 * VirtualLoop.MS;
    private static final long HEALING_NANOS = 45_000 * VirtualLoop.MS;
    private static final long ABSENCE_NANOS = 1_000 * VirtualLoop.MS;
    private static final int SHORT_CHARACTERS = 24;
    private static final int LONG_CHARACTERS = 40_000;
    private static final List<Rung> RUNGS = List.of(Rung.values());
    private static final List<String> CHANNELS = List.of("", "", "", "files");

    private final int seed;
    private final SplittableRandom random;
    private final VirtualLoop loop = new VirtualLoop();
    private final SimulatedServer server;
    private final List<Person> people = List.of(new Person("ada"), new Person("bob"));
    private final Map<Stream, Sayings> said = new LinkedHashMap<>();

    /** Whether peers are loaded again and leave. */
    private final boolean lives;

    private long payloadBytes;
    private int count;

    Tale(int seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        server = new SimulatedServer(loop);
        lives = random.nextInt(3) == 0;
        for (Person person : people) begin(person);
    }

    /** What one life says in one order. */
    private record Stream(SimulatedRoom from, boolean direct, String channel) {}

    private void begin(Person person) {
        int incarnation = person.lives.size() + 1;
        person.lives.add(
                new SimulatedRoom(person.name, incarnation, loop, server, random.split(), rungs()));
        person.absent = false;
    }

    private Set<Rung> rungs() {
        if (random.nextInt(3) > 0) return EnumSet.allOf(Rung.class);
        Set<Rung> some = EnumSet.of(anyRung());
        some.add(anyRung());
        return some;
    }

    private Rung anyRung() {
        return RUNGS.get(random.nextInt(RUNGS.size()));
    }

    private Person anyone() {
        return people.get(random.nextInt(people.size()));
    }

    void run() {
        // They meet before anything goes wrong: whom a message is for is then known.
        loop.run(3_000 * VirtualLoop.MS);
        long end = loop.nowNanos() + BUSY_NANOS;
        loop.execute(() -> talk(end));
        loop.execute(() -> trouble(end));
        if (lives) loop.after(random.nextLong(BUSY_NANOS / 2), () -> another(end));
        if (random.nextInt(10) == 0) loop.after(random.nextLong(BUSY_NANOS), server::restart);
        loop.run(end);
        for (Person person : people) person.life().weather.clear();
        loop.run(end + HEALING_NANOS);
    }

    private void talk(long end) {
        if (loop.nowNanos() >= end) return;
        Person from = anyone();
        if (from.talks()) say(from);
        loop.after(random.nextLong(40 * VirtualLoop.MS), () -> talk(end));
    }

    private void say(Person from) {
        SimulatedRoom life = from.life();
        String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
        boolean direct = random.nextBoolean();
        Peer to = life.core.peers().values().iterator().next();
        int size = random.nextInt(20) == 0 ? LONG_CHARACTERS : SHORT_CHARACTERS;
        String text = ++count + " " + "x".repeat(size);
        payloadBytes += text.length();
        Destination destination = direct ? Destination.peer(to.key()) : Destination.ROOM;
        Sayings sayings =
                said.computeIfAbsent(
                        new Stream(life, direct, channel),
                        _ -> new Sayings(from, other(from), direct, channel));
        sayings.add(
                text,
                life.core.sends().send(destination, channel, Data.text(text), SendOptions.DEFAULT));
    }

    private Person other(Person than) {
        return people.get(1 - people.indexOf(than));
    }

    private void trouble(long end) {
        if (loop.nowNanos() >= end) return;
        SimulatedRoom room = anyone().life();
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

    /** Somebody begins another life. */
    private void another(long end) {
        if (loop.nowNanos() >= end) return;
        Person person = anyone();
        if (!person.absent) {
            if (random.nextInt(3) == 0) depart(person);
            else reload(person);
        }
        loop.after(random.nextLong(BUSY_NANOS / 2), () -> another(end));
    }

    private void depart(Person person) {
        person.absent = true;
        person.departed = true;
        long absence = random.nextLong(ABSENCE_NANOS);
        var _ = person.life().core.leave().thenRun(() -> loop.after(absence, () -> begin(person)));
    }

    /** The page is gone, with what it had on the way or not, and comes again. */
    private void reload(Person person) {
        SimulatedRoom life = person.life();
        if (random.nextBoolean()) {
            for (SimulatedCarrier each : List.copyOf(life.carriers)) each.cut(false);
        }
        life.core.abort(new PeerlineException("ABORTED", "The page is loaded again", false, ""));
        loop.after(random.nextLong(ABSENCE_NANOS / 4), () -> begin(person));
        person.absent = true;
    }

    /** Delivery, memory; the cost is for many tales together. */
    void check() {
        String why = "seed " + seed;
        assertEquals(null, failed(), why);
        for (Sayings each : said.values()) each.check(why);
        boolean whole = people.stream().noneMatch(Person::reloaded);
        for (Person person : people) {
            SimulatedRoom room = person.life();
            if (whole) assertEquals(List.of(), room.gaps, why);
            assertEquals(0, room.core.heldBytes(), why + ": held by " + room.core.me());
            assertEquals(RoomState.OPEN, room.core.state(), why);
        }
        assertEquals(0, server.mailboxBytes(), why + ": mailboxes");
    }

    @Nullable PeerlineException failed() {
        for (Person person : people) {
            if (person.life().failed() != null) return person.life().failed();
        }
        return null;
    }

    List<String> events() {
        List<String> events = new ArrayList<>();
        for (Person person : people) {
            for (SimulatedRoom life : person.lives) {
                for (Message message : life.heard) events.add(person.name + " " + message.text());
            }
        }
        return events;
    }

    /** What both peers and the server put on carriers, in terms of what was said. */
    double wireCost() {
        long wire = 0;
        for (Person person : people) {
            for (SimulatedRoom life : person.lives) wire += life.weather.wireBytes;
        }
        return (double) wire / payloadBytes;
    }
}
