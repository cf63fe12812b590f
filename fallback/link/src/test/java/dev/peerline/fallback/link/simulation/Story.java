package dev.peerline.fallback.link.simulation;

import dev.peerline.fallback.link.pair.Destination;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.pair.SendResult;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PairFrame;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Three peers talk for some seconds while carriers die with their tail, go silent, overlap and
 * deliver late, and pairs move. With {@code lives}, pages reload too, peers leave and return, the
 * server expels those who are away for long, and restarts without its memory. Then the network
 * heals. All that is random comes from one seed.
 */
final class Story {
    private static final long BUSY_NANOS = 6_000 * VirtualClock.MS;
    private static final long PATIENCE_NANOS = 300 * VirtualClock.MS;
    private static final int SHORT_CHARACTERS = 24;
    private static final int LONG_CHARACTERS = 40_000;

    private final long seed;
    private final boolean lives;
    private final SplittableRandom random;
    private final SimulatedNetwork network;

    private final Map<Id, List<SimulatedPeer>> pages = new LinkedHashMap<>();
    private final Map<Stream, List<Integer>> sent = new LinkedHashMap<>();
    private final Map<SimulatedPeer, Map<Long, Integer>> handles = new HashMap<>();
    private final Map<SimulatedPeer, Ending> endings = new HashMap<>();
    private final Set<Id> forgotten = new HashSet<>();
    private long restartedAtNanos = Long.MIN_VALUE;
    private long payloadBytes;
    private int count;

    Story(long seed, boolean lives) {
        this.seed = seed;
        this.lives = lives;
        random = new SplittableRandom(seed);
        network = new SimulatedNetwork(random);
    }

    /** What one page sent to one peer on one channel. */
    record Stream(SimulatedPeer from, Id to, boolean toRoom, String channel) {}

    /**
     * A page that was closed.
     *
     * @param clean whether the server had taken all that it sent
     */
    record Ending(long atNanos, boolean clean) {}

    long seed() {
        return seed;
    }

    SimulatedNetwork network() {
        return network;
    }

    /** Of each id all pages, oldest first. */
    Map<Id, List<SimulatedPeer>> pages() {
        return pages;
    }

    /** The numbers of the messages, for whom they were when they were sent. */
    Map<Stream, List<Integer>> sent() {
        return sent;
    }

    /** The numbers of a page's messages by handle. */
    Map<Long, Integer> handles(SimulatedPeer page) {
        return handles.getOrDefault(page, Map.of());
    }

    @Nullable Ending ending(SimulatedPeer page) {
        return endings.get(page);
    }

    /** Ids that the server forgot at some time, with their mailboxes. */
    boolean wasForgotten(Id id) {
        return forgotten.contains(id);
    }

    boolean restartedAfter(long nanos) {
        return restartedAtNanos >= nanos;
    }

    /** What all peers put on their carriers, in terms of what they had to say. */
    double wireCost() {
        long wire = 0;
        for (List<SimulatedPeer> all : pages.values()) {
            for (SimulatedPeer page : all) wire += page.wireBytes();
        }
        return (double) wire / payloadBytes;
    }

    static String text(long incarnation, int number, int characters) {
        String head = incarnation + ":" + number + " ";
        return head + String.valueOf(number % 10).repeat(characters - head.length());
    }

    void run() {
        for (String name : List.of("ada", "bob", "cyd")) began(network.join(name));
        VirtualClock clock = network.clock();
        if (!lives) clock.run(300 * VirtualClock.MS);
        clock.after(0, this::step);
        clock.run(BUSY_NANOS + 1_000 * VirtualClock.MS);
        network.peers().forEach(SimulatedPeer::reconnect);
        for (int i = 0; i < 24; i++) {
            clock.run(clock.now() + 500 * VirtualClock.MS);
            watchPaths();
        }
    }

    private void began(SimulatedPeer page) {
        pages.computeIfAbsent(page.id(), _ -> new ArrayList<>()).add(page);
        handles.put(page, new HashMap<>());
        // Impatient drivers open a second carrier before the first one's WELCOME.
        if (lives && random.nextInt(10) < 3) {
            later(
                    60,
                    () -> {
                        if (!page.isClosed()) page.connect();
                    });
        }
    }

    private void later(int maxMillis, Runnable run) {
        network.clock().after(random.nextLong(maxMillis * VirtualClock.MS), run);
    }

    private void step() {
        List<SimulatedPeer> present = network.peers();
        SimulatedPeer peer = present.get(random.nextInt(present.size()));
        int other = random.nextInt(present.size() - 1);
        SimulatedPeer to = present.get(other < present.indexOf(peer) ? other : other + 1);
        int dice = random.nextInt(1000);
        if (dice < 660) send(peer, random.nextBoolean() ? null : to.id());
        else if (dice < 900) trouble(peer, to, dice);
        else if (lives) lifeAndDeath(peer, dice);
        watchPaths();
        if (network.clock().now() < BUSY_NANOS) later(60, this::step);
    }

    private void trouble(SimulatedPeer peer, SimulatedPeer to, int dice) {
        if (dice < 720) {
            peer.disconnect(random.nextBoolean());
            later(400, peer::reconnect);
        } else if (dice < 760) {
            peer.connect();
        } else if (dice < 810) {
            network.openDirect(peer, to, random.nextBoolean());
        } else if (dice < 825) {
            network.closeDirect(peer, to);
        } else if (dice < 840) {
            network.cutDirect(peer, to);
        } else if (peer.channel(to.id()) != null) {
            peer.endpoint().use(to.id(), PairPath.DIRECT, network.clock().now());
        }
    }

    private void lifeAndDeath(SimulatedPeer peer, int dice) {
        if (dice < 940) reload(peer);
        else if (dice < 955) leave(peer);
        else if (dice < 970) expel(peer);
        else if (dice < 975) restart();
    }

    /** What drivers do: a pair leaves a data channel that is silent. */
    private void watchPaths() {
        long now = network.clock().now();
        for (SimulatedPeer peer : List.copyOf(network.peers())) {
            for (Id id : pages.keySet()) {
                if (peer.endpoint().pathOf(id) == PairPath.DIRECT
                        && peer.endpoint().silentForNanos(id, now) > PATIENCE_NANOS) {
                    peer.endpoint().use(id, PairPath.SESSION, now);
                }
            }
            peer.pump();
        }
    }

    private void send(SimulatedPeer from, @Nullable Id to) {
        if (to != null && !from.known().containsKey(to)) return;
        String channel = random.nextInt(10) < 7 ? "" : "files";
        int size = random.nextInt(10) < 1 ? LONG_CHARACTERS : SHORT_CHARACTERS;
        int number = ++count;
        List<Id> audience = to == null ? List.copyOf(from.known().keySet()) : List.of(to);
        for (Id each : audience) {
            sent.computeIfAbsent(
                            new Stream(from, each, to == null, channel), _ -> new ArrayList<>())
                    .add(number);
        }
        payloadBytes += (long) size * audience.size();
        SendResult result =
                from.endpoint()
                        .send(
                                to == null ? Destination.ROOM : Destination.peer(to),
                                channel,
                                PairFrame.TEXT,
                                Bytes.utf8(text(from.member().incarnation(), number, size)),
                                network.clock().now());
        if (!(result instanceof SendResult.Queued(long handle))) {
            throw new AssertionError(result.toString());
        }
        handles(from).put(handle, number);
    }

    private void reload(SimulatedPeer page) {
        end(page, false);
        network.close(page, random.nextBoolean());
        began(network.joinAgain(page));
    }

    /** Says goodbye, and opens the page again a while later. */
    private void leave(SimulatedPeer page) {
        if (!page.isConnected() || network.peers().size() < 3) return;
        // All that it sent is the server's, if nothing waits on its way up and no pair is
        // elsewhere.
        boolean clean =
                page.session().upBytes() == 0
                        && page.endpoint().held().unacknowledged() < 100_000
                        && page.known().keySet().stream()
                                .allMatch(id -> page.endpoint().pathOf(id) == PairPath.SESSION);
        end(page, clean);
        forgotten.add(page.id());
        page.session().bye(0);
        page.pump();
        network.close(page, false);
        network.clock()
                .after(
                        150 * VirtualClock.MS + random.nextLong(500 * VirtualClock.MS),
                        () -> began(network.joinAgain(page)));
    }

    private void end(SimulatedPeer page, boolean clean) {
        endings.put(page, new Ending(network.clock().now(), clean));
    }

    /** Away for too long: the server forgets it, and it comes back as the same member. */
    private void expel(SimulatedPeer page) {
        if (!network.server().knows(page.id())) return;
        page.disconnect(true);
        forgotten.add(page.id());
        network.server().expel(page.id());
        later(600, page::reconnect);
    }

    private void restart() {
        restartedAtNanos = network.clock().now();
        network.server().restart();
        for (SimulatedPeer page : network.peers()) {
            page.disconnect(true);
            later(400, page::reconnect);
        }
    }
}
