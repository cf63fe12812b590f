package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.CloseCode;
import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Welcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Slow readers, full mailboxes, many readers, and a server that goes down. */
@Timeout(30)
final class LinkUnderPressureTest {
    private static final int MIB = 1024 * 1024;
    private static final String BLOCK = "x".repeat(60_000);

    /** Much more than the sockets of both ends hold. */
    private static final int MANY_BLOCKS = 8 * MIB / BLOCK.length();

    private static final LinkLimits FAST =
            new LinkLimits(
                    1_000,
                    1_000,
                    1_000,
                    1_000,
                    100_000,
                    100_000,
                    1024 * MIB,
                    1024 * MIB,
                    LinkLimits.MAX_PACKET_BYTES,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(25),
                    Duration.ofSeconds(30));

    private static RoomLimits mailboxes(int bytes, long all) {
        return new RoomLimits(
                200, 10, bytes, 65_536, all, Duration.ofMillis(100), Duration.ofMinutes(1));
    }

    private static LinkServer server(RoomLimits rooms, LinkLimits link) {
        return new LinkServer(new LinkServer.OpenDoor(), rooms, link);
    }

    @Test
    void aSlowReaderCatchesUpFromItsMailboxAndOthersDoNotWaitForIt() {
        try (LinkServer server = server(mailboxes(64 * MIB, 256 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1);
                Client eve = new Client(server, "lobby", "eve", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            eve.join();
            bob.join();
            bob.stopReading();
            ada.bind(0, bob.member(), eve.member());
            for (int i = 0; i < MANY_BLOCKS; i++) {
                ada.envelope(0, i + " " + BLOCK);
                assertEquals(i + " " + BLOCK, eve.awaitText());
                eve.acknowledge();
            }
            assertTrue(server.rooms.gauges().mailboxBytes() > MIB, "the mailbox holds the rest");
            bob.readOn();
            for (int i = 0; i < MANY_BLOCKS; i++) assertEquals(i + " " + BLOCK, bob.awaitText());
            assertEquals(0, server.metrics.of(Counter.GAPS).sum());
        }
    }

    @Test
    void aReaderWhoseMailboxRanOverIsToldOfTheGapAndThenWhoIsThere() {
        try (LinkServer server = server(mailboxes(MIB, 256 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            bob.awaitEntry(EntryBody.Roster.class);
            bob.stopReading();
            ada.bind(0, bob.member());
            for (int i = 0; i < MANY_BLOCKS; i++) ada.envelope(0, BLOCK);
            ada.await(DownFrame.UpAck.class, a -> a.number() == MANY_BLOCKS);
            long held = server.rooms.gauges().mailboxBytes();
            assertTrue(held < 2 * MIB, "held " + held);

            bob.readOn();
            // The client checks that entries before and after the gap follow one another.
            DownFrame.Gap gap = bob.await(DownFrame.Gap.class);
            assertTrue(gap.offset() < MANY_BLOCKS);
            EntryBody.Roster roster = bob.awaitEntry(EntryBody.Roster.class);
            assertEquals(ada.member(), roster.peers().getFirst().member());
            assertTrue(server.metrics.of(Counter.GAPS).sum() >= 1);
        }
    }

    @Test
    void aPeerThatReturnsToAMailboxThatRanOverIsToldOfTheGap() {
        try (LinkServer server = server(mailboxes(MIB, 256 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            bob.awaitEntry(EntryBody.Roster.class);
            bob.cut();
            ada.awaitPresence(Change.AWAY);
            ada.bind(0, bob.member());
            for (int i = 0; i < 40; i++) ada.envelope(0, i + " " + BLOCK);
            ada.await(DownFrame.UpAck.class, a -> a.number() == 40);
            assertTrue(bob.join().resumed());
            bob.await(DownFrame.Gap.class);
            // 17 blocks with their bookkeeping fit 1 MiB.
            assertEquals("23 " + BLOCK, bob.awaitText());
            for (int i = 24; i < 40; i++) assertEquals(i + " " + BLOCK, bob.awaitText());
            bob.awaitEntry(EntryBody.Roster.class);
        }
    }

    @Test
    void allMailboxesTogetherAreBoundedToo() {
        try (LinkServer server = server(mailboxes(8 * MIB, 2 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1)) {
            ada.join();
            List<Client> away = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Client client = new Client(server, "lobby", "peer" + i, 1);
                client.join();
                client.cut();
                away.add(client);
            }
            for (int i = 0; i < 4; i++) ada.bind(i, away.get(i).member());
            for (int i = 0; i < 100; i++) ada.envelope(i % 4, BLOCK);
            ada.await(DownFrame.UpAck.class, a -> a.number() == 100);
            long held = server.rooms.gauges().mailboxBytes();
            assertTrue(held < 2.5 * MIB, "held " + held);
        }
    }

    @Test
    void aReaderThatTakesNothingAtAllIsEnded() {
        LinkLimits impatient =
                new LinkLimits(
                        1_000,
                        1_000,
                        1_000,
                        1_000,
                        100_000,
                        100_000,
                        1024 * MIB,
                        1024 * MIB,
                        LinkLimits.MAX_PACKET_BYTES,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(25),
                        Duration.ofMillis(1_500));
        try (LinkServer server = server(mailboxes(MIB, 256 * MIB), impatient);
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            bob.stopReading();
            ada.bind(0, bob.member());
            for (int i = 0; i < MANY_BLOCKS; i++) ada.envelope(0, BLOCK);
            ada.awaitPresence(Change.AWAY);
            assertEquals(1, server.metrics.refusals(ErrorCode.SLOW_READER));
            assertEquals(1, server.handler.connections());
        }
    }

    @Test
    void whatWaitsLeavesInFewPackets() {
        try (LinkServer server = server(mailboxes(MIB, 256 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            bob.cut();
            ada.awaitPresence(Change.AWAY);
            ada.bind(0, bob.member());
            for (int i = 0; i < 1_000; i++) ada.envelope(0, "m" + i);
            ada.await(DownFrame.UpAck.class, a -> a.number() == 1_000);
            long before = server.metrics.of(Counter.PACKETS_DOWN).sum();
            bob.join();
            for (int i = 0; i < 1_000; i++) assertEquals("m" + i, bob.awaitText());
            long packets = server.metrics.of(Counter.PACKETS_DOWN).sum() - before;
            assertTrue(packets <= 5, packets + " packets");
        }
    }

    @Test
    void readersThatWaitHoldNoThread() {
        try (LinkServer server = server(mailboxes(MIB, 256 * MIB), FAST)) {
            List<Client> crowd = new ArrayList<>();
            for (int i = 0; i < 10; i++) crowd.add(joined(server, i));
            long few = serverThreads();
            for (int i = 10; i < 200; i++) crowd.add(joined(server, i));
            assertEquals(200, server.handler.connections());
            assertEquals(few, serverThreads());
            crowd.forEach(Client::close);
        }
    }

    @Test
    void thoseOverPlainHttpHoldNoneEither() throws Exception {
        try (LinkServer server = server(mailboxes(MIB, 256 * MIB), FAST)) {
            List<AutoCloseable> crowd = new ArrayList<>();
            for (int i = 0; i < 10; i++) crowd.add(parked(server, i));
            long few = serverThreads();
            for (int i = 10; i < 200; i++) crowd.add(parked(server, i));
            Eventually.until("200 wait", () -> server.handler.connections() == 200);
            assertEquals(few, serverThreads());
            for (AutoCloseable each : crowd) each.close();
            Eventually.until("none waits", () -> server.handler.connections() == 0);
        }
    }

    /** A stream, or a poll of a session that began just now; each alone, so that nobody is told. */
    private static AutoCloseable parked(LinkServer server, int number) {
        HttpClientPeer peer = new HttpClientPeer(server, "room" + number, "peer" + number);
        if (number % 2 == 0) return EventStream.of(peer, server.httpUri());
        peer.join();
        RawConnection connection = new RawConnection(server.httpUri());
        return connection.get("?wait=30", "Peerline-Hello: " + peer.greeting());
    }

    private static Client joined(LinkServer server, int number) {
        Client client = new Client(server, "room" + number / 10, "peer" + number, 1);
        client.join();
        return client;
    }

    static long serverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("XNIO") || t.getName().startsWith("peerline"))
                .count();
    }

    @Test
    void aServerThatGoesDownSendsEverybodyAway() throws Exception {
        try (LinkServer server = server(mailboxes(MIB, 256 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            ada.bind(0, bob.member());
            ada.envelope(0, "last words");
            ada.await(DownFrame.UpAck.class);
            CompletableFuture<Void> drained = server.handler.drain(Duration.ofMillis(200));
            long adaReturns = ada.await(DownFrame.Move.class).retryAfterMillis();
            assertEquals(CloseCode.GOING_AWAY, ada.awaitClose());
            bob.await(DownFrame.Move.class);
            assertEquals(CloseCode.GOING_AWAY, bob.awaitClose());
            assertTrue(adaReturns <= 200 + 250, adaReturns + " ms");
            drained.get(5, TimeUnit.SECONDS);
            assertEquals(0, server.handler.connections());
            assertEquals(CloseCode.GOING_AWAY, ada.connect().awaitClose());
        }
    }

    /** A token is a number of ms that it is good for. */
    private static final class TokenDoor extends LinkServer.OpenDoor {
        @Override
        public Decision admit(Visitor visitor, Request request) {
            String token = request.token();
            if (token == null) {
                return new Refusal(ErrorCode.UNAUTHORIZED, "A token is needed.", "peerline token");
            }
            if (token.equals("wrong")) {
                return new Refusal(ErrorCode.UNAUTHORIZED, "The token is wrong.", null);
            }
            long until = System.currentTimeMillis() + Long.parseLong(token);
            return new Grant("named by token", until, token);
        }
    }

    @Test
    void aTokenIsNeededWhereTheDoorSaysSoAndItsEndIsTheSessions() {
        try (LinkServer server = new LinkServer(new TokenDoor(), mailboxes(MIB, 256 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1)) {
            ada.connect();
            ada.send(ada.helloFrame());
            Client.Refused refused = ada.awaitRefusal();
            assertEquals(ErrorCode.UNAUTHORIZED.name(), refused.refusal().code());
            assertEquals("peerline token", refused.refusal().hint());
            assertEquals(4401, refused.closeCode());

            ada.token = "200";
            Welcome welcome = ada.join();
            assertEquals("named by token", welcome.name());
            assertTrue(welcome.expiresAtMillis() > System.currentTimeMillis() - 10_000);
            Client.Refused expired = ada.awaitRefusal();
            assertEquals(ErrorCode.TOKEN_EXPIRED.name(), expired.refusal().code());
            assertEquals(4401, expired.closeCode());

            ada.token = "-1";
            ada.connect();
            ada.send(ada.helloFrame());
            assertEquals(ErrorCode.TOKEN_EXPIRED.name(), ada.awaitRefusal().refusal().code());
        }
    }

    @Test
    void aFreshTokenProlongsTheSessionAndAWrongOneEndsIt() {
        try (LinkServer server = new LinkServer(new TokenDoor(), mailboxes(MIB, 256 * MIB), FAST);
                Client ada = new Client(server, "lobby", "ada", 1)) {
            ada.token = "1500";
            long started = System.nanoTime();
            ada.join();
            ada.refresh("60000");
            // Talks on well beyond the first token's end.
            while (System.nanoTime() - started < TimeUnit.MILLISECONDS.toNanos(2_000)) {
                ada.ping();
            }
            ada.refresh("wrong");
            assertEquals(ErrorCode.UNAUTHORIZED.name(), ada.awaitRefusal().refusal().code());
            assertFalse(server.handler.connections() > 1);
        }
    }
}
