package dev.peerline.signaling.rooms.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.Sessions.Posted;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.RoomLimits;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Two that talk by GET and POST over a network that delays, doubles and loses both requests and
 * answers, and who change the kind of their way down as they like: each hears everything once and
 * in order, no datagram twice, nothing that was acknowledged is sent again, and nothing is held.
 */
final class PollingSimulationTest {
    private static final int MESSAGES = 60;
    private static final long STORM_MILLIS = 40_000;
    private static final long JOINED_MILLIS = 6_000;
    private static final CarrierKind[] KINDS = {
        CarrierKind.WEBSOCKET, CarrierKind.SSE, CarrierKind.LONG_POLL, CarrierKind.POLL
    };

    static LongStream seeds() {
        return LongStream.concat(LongStream.range(0, 150), LongStream.of(System.nanoTime()));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everythingIsHeardOnceAndInOrder(long seed) {
        new Simulation(seed).run();
    }

    private record Event(long atMillis, long order, Runnable what) {}

    private static final class Simulation {
        private final SplittableRandom random;
        private final RoomFixture lobby = new RoomFixture(RoomLimits.DEFAULT);
        private final PriorityQueue<Event> events =
                new PriorityQueue<>(
                        Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::order));
        private final Peer ada = new Peer("ada");
        private final Peer bob = new Peer("bob");
        private final long calmAt = lobby.now + STORM_MILLIS;
        private long orders;

        Simulation(long seed) {
            random = new SplittableRandom(seed);
        }

        void run() {
            for (Peer peer : List.of(ada, bob)) {
                peer.poll();
                peer.live();
                for (int i = 0; i < MESSAGES; i++) {
                    String text = peer.name + i;
                    // Said earlier, it might be before the other is in the room at all.
                    after(random.nextLong(JOINED_MILLIS, STORM_MILLIS), () -> peer.say(text));
                }
            }
            long end = calmAt + 10_000;
            while (!events.isEmpty() && events.element().atMillis <= end) {
                Event next = events.remove();
                lobby.pass(next.atMillis - lobby.now);
                next.what.run();
            }
            for (Peer peer : List.of(ada, bob)) {
                assertIterableEquals(peer.other().said, peer.heard);
                assertTrue(peer.outbox.isEmpty(), "the way up is acknowledged");
                assertTrue(peer.datagrams.size() > 10, "datagrams came");
            }
            assertEquals(2, lobby.room.peers(false));
            assertEquals(0, lobby.budget.used(), "the mailboxes are empty");
        }

        private void after(long millis, Runnable what) {
            events.add(new Event(lobby.now + millis, orders++, what));
        }

        private boolean storm() {
            return lobby.now < calmAt;
        }

        /** Mostly soon, at times late; after the storm at once. */
        private long delay() {
            if (!storm()) return 5;
            return random.nextInt(6) == 0 ? random.nextLong(3_000) : random.nextLong(40);
        }

        private boolean oneIn(int n) {
            return storm() && random.nextInt(n) == 0;
        }

        private final class Peer {
            private final String name;
            private final Bytes key;
            private final ArrayDeque<UpFrame.Up> outbox = new ArrayDeque<>();
            private final List<String> said = new ArrayList<>();
            private final List<String> heard = new ArrayList<>();
            private final Set<String> datagrams = new HashSet<>();
            private @Nullable Cursor cursor;
            private long attempt;
            private long answered;
            private long post;
            private long number;
            private long pollEveryMillis = 300;

            Peer(String name) {
                this.name = name;
                key = Bytes.utf8((name + "-".repeat(Id.KEY_BYTES)).substring(0, Id.KEY_BYTES));
            }

            Peer other() {
                return this == ada ? bob : ada;
            }

            Member member() {
                return new Member(Id.of("lobby", key), 1);
            }

            /** Polls and posts again and again. */
            void live() {
                if (storm()) pollEveryMillis = random.nextLong(50, 800);
                poll();
                if (random.nextBoolean() || !storm()) post();
                after(pollEveryMillis, this::live);
            }

            void say(String text) {
                said.add(text);
                UpBody body = new UpBody.Envelope(0, Bytes.utf8(text));
                outbox.add(new UpFrame.Up(++number, body));
            }

            private Hello hello(long ofPost) {
                long base = outbox.isEmpty() ? number + 1 : outbox.getFirst().number();
                boolean welcomed = cursor != null && ofPost == 0;
                return new Hello(
                        "lobby", key, 1, null, name, cursor, base, attempt, welcomed, ofPost);
            }

            void poll() {
                attempt++;
                Hello hello = hello(0);
                CarrierKind kind = storm() ? KINDS[random.nextInt(KINDS.length)] : CarrierKind.POLL;
                after(delay(), () -> serve(hello, kind));
                if (oneIn(6)) after(delay(), () -> serve(hello, kind));
            }

            private void serve(Hello hello, CarrierKind kind) {
                Room.Joining joining =
                        lobby.room.join(hello, name, new RoomFixture.Socket(kind), lobby.now);
                lobby.room.effects().run();
                if (!(joining instanceof Room.Joined(Attachment attachment))) return;
                Bytes packet = attachment.reader().next(lobby.now);
                boolean polls = kind == CarrierKind.POLL || kind == CarrierKind.LONG_POLL;
                if (polls) close(attachment);
                else after(random.nextLong(500), () -> close(attachment));
                Cursor from = attachment.cursor();
                Runnable arrives = () -> take(hello, from, attachment.resumed(), packet);
                if (!oneIn(4)) after(delay(), arrives);
            }

            private void close(Attachment attachment) {
                lobby.room.closed(attachment, lobby.now);
                lobby.room.effects().run();
            }

            /** The answer of the newest request alone is heard, and of those the first. */
            private void take(Hello hello, Cursor from, boolean resumed, @Nullable Bytes packet) {
                if (hello.attempt() != attempt || answered == attempt) return;
                answered = attempt;
                if (!resumed || cursor == null) cursor = from;
                if (packet == null) return;
                if (!(DownFrame.readAll(packet)
                        instanceof Parsed.Good<List<DownFrame>>(var frames))) {
                    throw new AssertionError("malformed");
                }
                frames.forEach(this::take);
            }

            private void take(DownFrame frame) {
                Cursor at = cursor;
                if (at == null) throw new AssertionError("an answer before the session");
                if (frame instanceof DownFrame.Datagram datagram) {
                    assertTrue(datagrams.add(datagram.frames().toString()), "doubled");
                } else if (frame instanceof DownFrame.Entry(_, long offset, EntryBody body)) {
                    assertEquals(at.offset() + 1, offset, "neither skipped nor sent again");
                    cursor = new Cursor(at.epoch(), offset);
                    if (body instanceof EntryBody.Envelope(_, _, Bytes text)) {
                        heard.add(new String(text.toArray(), StandardCharsets.UTF_8));
                    }
                } else {
                    throw new AssertionError("unexpected " + frame);
                }
            }

            void post() {
                Hello hello = hello(++post);
                List<UpFrame> frames = new ArrayList<>();
                frames.add(new UpFrame.Bind(0, List.of(other().member())));
                frames.addAll(outbox);
                frames.add(new UpFrame.Datagram(0, Bytes.utf8(name + " " + post)));
                Cursor now = cursor;
                if (now != null) frames.add(new UpFrame.Ack(0, now.offset()));
                after(delay(), () -> post(hello, frames));
                if (oneIn(3)) after(delay(), () -> post(hello, frames));
            }

            private void post(Hello hello, List<UpFrame> frames) {
                Posted posted =
                        lobby.room.post(
                                hello,
                                List.copyOf(frames),
                                new PostGrant(Long.MAX_VALUE, null),
                                lobby.now);
                lobby.room.effects().run();
                if (posted.taken() == Posted.NOTHING) {
                    assertEquals(0, attemptsTaken(), "only before the session began");
                    return;
                }
                assertEquals(null, posted.ending());
                if (!oneIn(4)) after(delay(), () -> acknowledged(posted.taken()));
            }

            private long attemptsTaken() {
                Seat seat = lobby.room.seat(member().id());
                return seat == null ? 0 : 1;
            }

            private void acknowledged(long upTo) {
                while (!outbox.isEmpty() && outbox.getFirst().number() <= upTo) {
                    outbox.removeFirst();
                }
            }
        }
    }
}
