package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** docs/protocol.md, section 6: streams of server-sent events. */
@Timeout(60)
final class LinkOverSseTest {
    private static final int MIB = 1024 * 1024;
    private static final String BLOCK = "x".repeat(60_000);
    private static final int MANY_BLOCKS = 8 * MIB / BLOCK.length();

    private static LinkServer server(Duration ping, Duration writeTimeout) {
        RoomLimits rooms =
                new RoomLimits(
                        20,
                        10,
                        64 * MIB,
                        65_536,
                        256L * MIB,
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1));
        LinkLimits limits =
                new LinkLimits(
                        1_000,
                        1_000,
                        1_000,
                        1_000,
                        1_000_000,
                        1_000_000,
                        1024 * MIB,
                        1024 * MIB,
                        LinkLimits.MAX_PACKET_BYTES,
                        Duration.ofSeconds(5),
                        ping,
                        writeTimeout);
        return new LinkServer(new LinkServer.OpenDoor(), rooms, limits);
    }

    private static LinkServer patient() {
        return server(Duration.ofSeconds(25), Duration.ofSeconds(30));
    }

    @Test
    void aStreamBeginsWithWhatBuffersHaveToPassOnAndWelcome() {
        try (LinkServer server = patient()) {
            HttpClientPeer ada = new HttpClientPeer(server, "lobby", "ada");
            try (EventStream stream = EventStream.of(ada, server.httpUri())) {
                assertEquals(200, stream.status);
                for (String header :
                        List.of(
                                "content-type: text/event-stream",
                                "cache-control: no-cache, no-transform",
                                "x-accel-buffering: no")) {
                    assertTrue(stream.headers.contains(header), stream.headers.toString());
                }
                assertInstanceOf(Welcome.class, stream.next().getFirst());
                assertTrue(stream.comments.getFirst().length() >= 2_046);
                assertEquals(1, server.metrics.open(CarrierKind.SSE));
            }
        }
    }

    @Test
    void anEventNamesTheCursorAfterItAndLastEventIdBeatsTheHellos() {
        try (LinkServer server = patient()) {
            HttpClientPeer ada = new HttpClientPeer(server, "lobby", "ada");
            HttpClientPeer bob = new HttpClientPeer(server, "lobby", "bob");
            ada.join();
            Cursor first;
            try (EventStream stream = EventStream.of(bob, server.httpUri())) {
                stream.await(bob, DownFrame.Entry.class);
                first = Objects.requireNonNull(bob.cursor);
                ada.say("one", bob.member());
                ada.say("two", bob.member());
                stream.hear(bob, 2);
                Cursor now = Objects.requireNonNull(bob.cursor);
                assertEquals(now.epoch() + "-" + now.offset(), stream.lastId);
            }
            String greeting = "Peerline-Hello: " + bob.greeting();
            String last = "Last-Event-ID: " + first.epoch() + "-" + (first.offset() + 1);
            bob.heard.clear();
            bob.cursor = new Cursor(first.epoch(), first.offset() + 1);
            try (EventStream stream = new EventStream(server.httpUri(), "", greeting, last)) {
                stream.hear(bob, 1);
                assertEquals(List.of("two"), bob.heard);
            }
            String bad = "Last-Event-ID: here";
            try (EventStream stream = new EventStream(server.httpUri(), "", greeting, bad)) {
                assertEquals(400, stream.status);
            }
        }
    }

    @Test
    void aCommentKeepsAStreamAlive() {
        try (LinkServer server = server(Duration.ofMillis(500), Duration.ofSeconds(30))) {
            HttpClientPeer ada = new HttpClientPeer(server, "lobby", "ada");
            try (EventStream stream = EventStream.of(ada, server.httpUri())) {
                stream.await(ada, DownFrame.Entry.class);
                assertEquals(":", stream.nextComment());
            }
        }
    }

    @Test
    void aStreamWhoseClientPostsNothingForThreePingsEndsAndOneThatPingsDoesNot() {
        try (LinkServer server = server(Duration.ofMillis(1_500), Duration.ofSeconds(30))) {
            HttpClientPeer ada = new HttpClientPeer(server, "lobby", "ada");
            HttpClientPeer bob = new HttpClientPeer(server, "lobby", "bob");
            try (EventStream quiet = EventStream.of(ada, server.httpUri());
                    EventStream lively = EventStream.of(bob, server.httpUri())) {
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(6_000);
                while (System.nanoTime() < until) {
                    bob.post(new UpFrame.Ping(Bytes.utf8("here")));
                    lively.await(bob, DownFrame.Pong.class);
                }
                assertEquals("SILENT", quiet.await(ada, Refusal.class).code());
                assertTrue(quiet.next().isEmpty());
                assertEquals(1, server.metrics.refusals(ErrorCode.SILENT));
            }
        }
    }

    @Test
    void aStalledReaderHoldsUpNobodyAndCatchesUp() {
        try (LinkServer server = patient();
                Client ada = new Client(server, "lobby", "ada", 1)) {
            ada.join();
            HttpClientPeer bob = new HttpClientPeer(server, "lobby", "bob");
            HttpClientPeer eve = new HttpClientPeer(server, "lobby", "eve");
            try (EventStream stalled = EventStream.of(bob, server.httpUri());
                    EventStream fast = EventStream.of(eve, server.httpUri())) {
                fast.await(eve, DownFrame.Entry.class);
                ada.bind(0, bob.member(), eve.member());
                for (int i = 0; i < MANY_BLOCKS; i++) {
                    ada.envelope(0, i + BLOCK);
                    fast.hear(eve, i + 1);
                }
                assertTrue(server.rooms.gauges().mailboxBytes() > MIB);
                stalled.hear(bob, MANY_BLOCKS);
                for (int i = 0; i < MANY_BLOCKS; i++) assertEquals(i + BLOCK, bob.heard.get(i));
            }
        }
    }

    @Test
    void aReaderThatTakesNothingAtAllIsEnded() {
        try (LinkServer server = server(Duration.ofSeconds(25), Duration.ofMillis(1_500));
                Client ada = new Client(server, "lobby", "ada", 1)) {
            ada.join();
            HttpClientPeer bob = new HttpClientPeer(server, "lobby", "bob");
            try (EventStream stalled = EventStream.of(bob, server.httpUri())) {
                assertEquals(200, stalled.status);
                ada.bind(0, bob.member());
                for (int i = 0; i < MANY_BLOCKS; i++) ada.envelope(0, BLOCK);
                ada.awaitPresence(Change.AWAY);
                assertEquals(1, server.metrics.refusals(ErrorCode.SLOW_READER));
            }
        }
    }
}
