package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.PacketAnswer;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.signaling.rooms.HttpClientPeer.Answer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What plain HTTP may not do, what it costs, how it ends, and faults that were asked for. */
@Timeout(60)
final class LinkOverHttpLimitsTest {
    private static final LinkLimits SMALL =
            new LinkLimits(
                    1_000,
                    300,
                    1,
                    12,
                    200,
                    400,
                    1024 * 1024,
                    1024 * 1024,
                    64 * 1024,
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20));

    private final LinkServer server = new LinkServer(new TokenDoor(), RoomLimits.DEFAULT, SMALL);
    private final HttpClientPeer ada = new HttpClientPeer(server, "lobby", "ada");
    private final HttpClientPeer bob = new HttpClientPeer(server, "lobby", "bob");

    @AfterEach
    void stop() {
        server.close();
    }

    /**
     * A token is a number of ms that it is good for; none is good for ever. One origin is refused.
     */
    private static final class TokenDoor extends LinkServer.OpenDoor {
        @Override
        public Decision knock(Visitor visitor) {
            if ("https://evil.example".equals(visitor.origin())) {
                return new Admission.Refusal(ErrorCode.FORBIDDEN_ORIGIN, "Not from there.", null);
            }
            return super.knock(visitor);
        }

        @Override
        public Decision admit(Visitor visitor, Request request) {
            String token = request.token();
            String name = request.name() == null ? "" : request.name();
            if (token == null) return new Grant(name, Grant.NEVER, "everybody");
            if (token.equals("wrong")) {
                return new Admission.Refusal(ErrorCode.UNAUTHORIZED, "The token is wrong.", null);
            }
            return new Grant(name, System.currentTimeMillis() + Long.parseLong(token), token);
        }
    }

    @Test
    void aWayDownThatIsNoneIsRefused() {
        ada.join();
        String good = ada.greeting();
        String withUp =
                HttpClientPeer.base64(
                        HttpClientPeer.packet(ada.hello(9, 0), ada.saying("no", ada.member())));
        assertEquals("400 BAD_HELLO", ada.ask("", "***").refusal());
        assertEquals("400 BAD_HELLO", ada.ask("", good.substring(0, 13) + "=" + good).refusal());
        assertEquals("400 BAD_FRAME", ada.ask("", good.substring(0, 40)).refusal());
        assertEquals("400 BAD_FRAME", ada.ask("", withUp).refusal());
        assertEquals("400 BAD_HELLO", ada.ask("", "BgA").refusal());
        assertEquals(
                "400 BAD_HELLO",
                HttpClientPeer.send(ada.request("?wait=1", "X-Other", "1").GET().build())
                        .refusal());
        try (RawConnection raw = new RawConnection(server.httpUri())) {
            raw.send("GET", "", Bytes.utf8("body"), "Content-Length: 4", "Peerline-Hello: " + good);
            assertEquals("400 BAD_FRAME", raw.answer().refusal());
        }
        assertEquals(204, ada.poll().status());
    }

    @Test
    void aWayUpThatIsNoneIsRefused() {
        ada.join();
        Bytes good = HttpClientPeer.packet(ada.hello(ada.attempt, 1));
        assertEquals("400 BAD_HELLO", ada.postPacket(Bytes.EMPTY).refusal());
        assertEquals(
                "400 BAD_HELLO", ada.postPacket(new UpFrame.Ping(Bytes.EMPTY).encode()).refusal());
        assertEquals("400 BAD_FRAME", ada.postPacket(Bytes.of((byte) 1, (byte) 9)).refusal());
        assertEquals(
                "413 MESSAGE_TOO_LARGE",
                ada.postPacket(Bytes.of(new byte[SMALL.maxPacketBytes() + 1])).refusal());
        assertEquals("400 BAD_FRAME", ada.post(ada.hello(1, 1)).refusal());
        Answer unbound = ada.post(new UpFrame.Datagram(5, Bytes.EMPTY));
        assertEquals("400 BAD_FRAME", unbound.refusal());
        assertEquals(new DownFrame.UpAck(0), unbound.frames().getFirst());
        try (RawConnection raw = new RawConnection(server.httpUri())) {
            raw.send("POST", "", good, "Content-Length: " + good.length());
            assertEquals("400 BAD_FRAME", raw.answer().refusal());
            raw.send(
                    "POST",
                    "",
                    good,
                    "Content-Type: " + PacketAnswer.TYPE,
                    "Content-Encoding: gzip",
                    "Content-Length: " + good.length());
            assertEquals("400 BAD_FRAME", raw.answer().refusal());
            raw.send("DELETE", "", Bytes.EMPTY, "Content-Length: 0");
            Answer other = raw.answer();
            assertEquals(405, other.status());
            assertEquals("GET, POST", other.header("Allow"));
        }
        assertEquals(200, ada.postPacket(good).status());
    }

    @Test
    void aBodyInChunksThatIsTooLargeIsRefusedBeforeItsEnd() {
        ada.join();
        try (RawConnection raw = new RawConnection(server.httpUri())) {
            int size = SMALL.maxPacketBytes() + 10;
            Bytes chunk =
                    Bytes.utf8(Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n");
            raw.send(
                    "POST",
                    "",
                    chunk,
                    "Content-Type: " + PacketAnswer.TYPE,
                    "Transfer-Encoding: chunked");
            assertEquals("413 MESSAGE_TOO_LARGE", raw.answer().refusal());
        }
    }

    @Test
    void aPageFromElsewhereIsRefusedBothWays() {
        ada.join();
        ada.origin = "https://evil.example";
        assertEquals("403 FORBIDDEN_ORIGIN", ada.poll().refusal());
        assertEquals("403 FORBIDDEN_ORIGIN", ada.say("x").refusal());
    }

    @Test
    void whoPostsMoreFramesThanAllowedIsToldToWait() {
        ada.join();
        bob.join();
        Answer answer = ada.say("x", bob.member());
        for (int i = 0; answer.status() == 200 && i < 1_000; i++) answer = ada.post();
        assertEquals("429 RATE_LIMITED", answer.refusal());
        assertTrue(answer.get(Refusal.class).retryAfterMillis() > 0);
        assertTrue(Integer.parseInt(answer.header("Retry-After")) >= 1);
        assertEquals(200, bob.post().status(), "its own limit");
    }

    @Test
    void attemptsThatFailAreCountedAndThenRefused() {
        ada.join();
        Answer answer = ada.ask("", "***");
        for (int i = 0; !answer.refusal().equals("429 RATE_LIMITED") && i < 100; i++) {
            answer = ada.ask("", "***");
        }
        assertEquals("429 RATE_LIMITED", answer.refusal());
    }

    @Test
    void manyPollsOfOneSessionAreNoAttemptsToConnect() {
        ada.join();
        for (int i = 0; i < 3 * SMALL.connectBurst(); i++) assertEquals(204, ada.poll().status());
    }

    @Test
    void aTokenIsAskedForAtEachRequestAndAPostProlongsTheStream() {
        ada.token = "wrong";
        assertEquals("401 UNAUTHORIZED", ada.poll().refusal());
        ada.token = "-1";
        assertEquals("401 TOKEN_EXPIRED", ada.poll().refusal());
        ada.token = "2500";
        long started = System.nanoTime();
        try (EventStream stream = EventStream.of(ada, server.httpUri())) {
            assertTrue(stream.await(ada, Welcome.class).expiresAtMillis() > 0);
            ada.token = "wrong";
            assertEquals("401 UNAUTHORIZED", ada.post().refusal());
            ada.token = "60000";
            assertEquals(200, ada.post().status());
            ada.token = "1";
            ada.post();
            ada.token = "60000";
            long over = TimeUnit.MILLISECONDS.toNanos(3_500);
            Eventually.until("its time is over", () -> System.nanoTime() - started > over);
            ada.post(new UpFrame.Ping(Bytes.EMPTY));
            stream.await(ada, DownFrame.Pong.class);
        }
        HttpClientPeer eve = new HttpClientPeer(server, "lobby", "eve");
        eve.token = "1500";
        try (EventStream stream = EventStream.of(eve, server.httpUri())) {
            assertEquals("TOKEN_EXPIRED", stream.await(eve, Refusal.class).code());
            assertTrue(stream.next().isEmpty());
        }
    }

    @Test
    void aServerThatGoesDownTellsEveryKind() throws Exception {
        ada.join();
        bob.join();
        HttpClientPeer eve = new HttpClientPeer(server, "other", "eve");
        try (EventStream stream = EventStream.of(eve, server.httpUri())) {
            stream.await(eve, DownFrame.Entry.class);
            CompletableFuture<Answer> parked = bob.parkedPoll(30);
            Eventually.until("one is open", () -> server.metrics.open(CarrierKind.LONG_POLL) > 0);
            CompletableFuture<Void> drained = server.handler.drain(Duration.ofMillis(200));
            Answer moved = parked.join();
            assertEquals(200, moved.status());
            assertNotNull(moved.get(DownFrame.Move.class));
            assertNotNull(stream.await(eve, DownFrame.Move.class));
            assertTrue(stream.next().isEmpty());
            drained.get(10, TimeUnit.SECONDS);
            Answer refused = ada.poll();
            assertEquals("503 GOING_AWAY", refused.refusal());
            assertNotNull(refused.get(DownFrame.Move.class));
            Eventually.until("all are gone", () -> server.handler.connections() == 0);
        }
    }

    @Test
    void aFaultThatWasAskedForTakesTheNetworkAwayFromOneAndGivesItBack() {
        ada.join();
        HttpClientPeer eve = new HttpClientPeer(server, "lobby", "eve");
        try (EventStream dark = EventStream.of(bob, server.httpUri());
                EventStream light = EventStream.of(eve, server.httpUri());
                RawConnection asked = new RawConnection(server.httpUri());
                RawConnection said = new RawConnection(server.httpUri())) {
            dark.await(bob, DownFrame.Entry.class);
            light.await(eve, DownFrame.Entry.class);
            EnumSet<CarrierKind> kinds = EnumSet.of(CarrierKind.SSE, CarrierKind.LONG_POLL);
            server.handler.darken(bob.member().id(), kinds, Duration.ofSeconds(60));
            said.post(HttpClientPeer.packet(bob.hello(bob.attempt, ++bob.post)));
            asked.get("?wait=30", "Peerline-Hello: " + bob.greeting());
            ada.say("in the dark", bob.member(), eve.member());
            light.hear(eve, 1);
            assertEquals(List.of("in the dark"), eve.heard);
            Eventually.until("one is open", () -> server.metrics.open(CarrierKind.LONG_POLL) > 0);

            server.handler.darken(
                    bob.member().id(), EnumSet.noneOf(CarrierKind.class), Duration.ZERO);
            assertTrue(asked.closes(), "who asked in the dark gets no answer");
            dark.hear(bob, 1);
            assertEquals(List.of("in the dark"), bob.heard);
            assertNull(bob.origin);
        }
    }

    @Test
    void whoPollsWhileAllOtherKindsAreDarkIsHeard() {
        ada.join();
        bob.join();
        EnumSet<CarrierKind> kinds =
                EnumSet.of(CarrierKind.WEBSOCKET, CarrierKind.SSE, CarrierKind.LONG_POLL);
        server.handler.darken(ada.member().id(), kinds, Duration.ofSeconds(60));
        assertEquals(200, ada.say("by polling", bob.member()).status());
        assertEquals(List.of("by polling"), bob.hear(1));
    }

    @Test
    void aFaultEndsByItself() {
        ada.join();
        EnumSet<CarrierKind> kinds = EnumSet.of(CarrierKind.POLL);
        server.handler.darken(ada.member().id(), kinds, Duration.ofSeconds(1));
        try (RawConnection asked = new RawConnection(server.httpUri())) {
            assertTrue(asked.get("", "Peerline-Hello: " + ada.greeting()).closes());
        }
        assertEquals(204, ada.poll().status());
    }
}
