package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.server.ChannelClient.Closed;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The server as a WebRTC peer: sessions over data channels, who gets one, and what ends it. */
@Execution(ExecutionMode.CONCURRENT)
final class PushPeerTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final Tokens TOKENS =
            new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());

    private static final long PATIENCE_SECONDS = 60;
    private static final long LOOK_NANOS = 5_000_000;

    @TempDir Path folder;

    private static Serving serving(String... more) throws IOException {
        List<String> options = new ArrayList<>(List.of("--push-peer", "--no-relay"));
        options.addAll(List.of(more));
        return Serving.with(options.toArray(String[]::new));
    }

    private static Hello hello(String name) {
        return LinkClient.hello("lobby", name, null);
    }

    /** The same client again, with a cursor and a later attempt. */
    private static Hello again(Hello hello, Cursor cursor, long attempt) {
        return new Hello(
                hello.room(),
                hello.key(),
                hello.incarnation(),
                hello.token(),
                hello.name(),
                cursor,
                1,
                attempt);
    }

    @Test
    void clientsAreToldOfItWhereItIsAndOthersAreNot() throws Exception {
        try (Serving with = serving();
                LinkClient client = new LinkClient(with.port())) {
            client.send(hello("ada"));
            assertTrue(client.next(Welcome.class).terms().takesOffers());
        }
        try (Serving without = Serving.with("--no-relay");
                LinkClient client = new LinkClient(without.port())) {
            client.send(hello("ada"));
            assertFalse(client.next(Welcome.class).terms().takesOffers());
            HttpResponse<String> answer =
                    ChannelClient.offer(without.port(), hello("ada"), "v=0\r\n");
            assertEquals(400, answer.statusCode());
            assertTrue(answer.body().contains("--push-peer"), answer.body());
        }
    }

    @Test
    void aSessionGoesOverADataChannelAndOthersSeeByWhat() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving();
                LinkClient bob = new LinkClient(serving.port())) {
            bob.send(hello("bob")); // within 5 s, whatever a data channel takes
            bob.next(Welcome.class);
            try (ChannelClient client = ChannelClient.open(serving.port(), ada)) {
                client.send(ada);
                assertEquals("ada", client.next(Welcome.class).name());
                DownFrame.Entry roster = client.next(DownFrame.Entry.class);
                assertTrue(roster.body() instanceof EntryBody.Roster, roster.toString());
                while (true) {
                    DownFrame.Entry entry = bob.next(DownFrame.Entry.class);
                    if (!(entry.body() instanceof EntryBody.Presence(var _, var peer))) continue;
                    assertEquals(CarrierKind.DATA_CHANNEL, peer.carrier());
                    break;
                }
            }
        }
    }

    @Test
    void theSameCursorGoesOnAfterAWebSocketAndBeforeOne() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving();
                LinkClient first = new LinkClient(serving.port())) {
            first.send(ada);
            Cursor cursor = first.next(Welcome.class).cursor();
            DownFrame.Entry roster = first.next(DownFrame.Entry.class);
            Cursor read = new Cursor(cursor.epoch(), roster.offset());
            try (ChannelClient second = ChannelClient.open(serving.port(), ada)) {
                second.send(again(ada, read, 2));
                Welcome resumed = second.next(Welcome.class);
                assertTrue(resumed.resumed());
                assertEquals(read, resumed.cursor());
                assertEquals(4000, first.next(LinkClient.Closed.class).code());
                try (LinkClient third = new LinkClient(serving.port())) {
                    third.send(again(ada, read, 3));
                    assertTrue(third.next(Welcome.class).resumed());
                    assertEquals(4000, second.next(Closed.class).code());
                }
            }
        }
    }

    @Test
    void whoEndsWithoutAWordIsAwayAndTheConnectionIsForgotten() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving("--away=20s");
                LinkClient bob = new LinkClient(serving.port())) {
            bob.send(hello("bob"));
            bob.next(Welcome.class);
            try (ChannelClient client = ChannelClient.open(serving.port(), ada)) {
                client.send(ada);
                client.next(Welcome.class);
            }
            while (true) {
                DownFrame.Entry entry = bob.next(DownFrame.Entry.class);
                if (entry.body() instanceof EntryBody.Presence(var _, var peer) && peer.away())
                    break;
            }
            assertEquals(0, peers(serving));
        }
    }

    @Test
    void aServerThatGoesDownTellsItsReaders() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving();
                ChannelClient client = ChannelClient.open(serving.port(), ada)) {
            client.send(ada);
            client.next(Welcome.class);
            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    serving.server().drain();
                                } catch (InterruptedException problem) {
                                    throw new AssertionError(problem);
                                }
                            });
            client.next(DownFrame.Move.class);
            assertEquals(4001, client.next(Closed.class).code());
            HttpResponse<String> late = ChannelClient.offer(serving.port(), ada, "v=0\r\n");
            assertEquals(503, late.statusCode());
            drained.join();
        }
    }

    @Test
    void theChannelIsForItsOwnerAlone() throws Exception {
        try (Serving serving = serving();
                ChannelClient client = ChannelClient.open(serving.port(), hello("ada"))) {
            client.send(hello("eve"));
            assertEquals("BAD_HELLO", client.next(Refusal.class).code());
            assertEquals(4400, client.next(Closed.class).code());
        }
    }

    @Test
    void whatIsNoPacketEndsTheChannel() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving()) {
            try (ChannelClient client = ChannelClient.open(serving.port(), ada)) {
                client.sendText("hello");
                assertEquals("BAD_FRAME", client.next(Refusal.class).code());
                assertEquals(4400, client.next(Closed.class).code());
            }
            try (ChannelClient client = ChannelClient.open(serving.port(), ada)) {
                client.send(new byte[] {(byte) 0x80});
                assertEquals("BAD_FRAME", client.next(Refusal.class).code());
            }
        }
    }

    @Test
    void withASecretAnOfferNeedsTheTokenAndTheSessionEndsWithIt() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        try (Serving serving = serving("--secret-file=" + secret)) {
            ChannelClient stranger = new ChannelClient();
            HttpResponse<String> refused =
                    ChannelClient.offer(serving.port(), hello("ada"), stranger.offer());
            stranger.close();
            assertEquals(401, refused.statusCode());
            assertTrue(refused.body().contains("UNAUTHORIZED"), refused.body());
            Instant end = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 20);
            String token = TOKENS.mint(new Claims("lobby", null, List.of(), List.of(), end));
            Hello ada = LinkClient.hello("lobby", "ada", token);
            try (ChannelClient client = ChannelClient.open(serving.port(), ada)) {
                client.send(ada);
                client.next(Welcome.class);
                assertEquals("TOKEN_EXPIRED", client.next(Refusal.class).code());
                assertEquals(4401, client.next(Closed.class).code());
            }
        }
    }

    @Test
    void garbageIsNoOffer() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving()) {
            for (String sdp :
                    List.of(
                            "",
                            "hello",
                            "v=0\r\n",
                            "\u0000".repeat(100),
                            "v=0\r\n".repeat(2_000))) {
                HttpResponse<String> answer = ChannelClient.offer(serving.port(), ada, sdp);
                assertEquals(400, answer.statusCode());
                assertTrue(answer.body().contains("BAD_FRAME"), answer.body());
            }
            HttpResponse<String> large =
                    ChannelClient.offer(serving.port(), ada, "v=0\r\n".repeat(20_000));
            assertEquals(413, large.statusCode());
            assertEquals(0, peers(serving));
        }
    }

    @Test
    void anotherFingerprintThanTheOffersGetsNoChannel() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving();
                ChannelClient client = new ChannelClient();
                ChannelClient other = new ChannelClient()) {
            String fingerprint = fingerprint(other.offer());
            String offer = client.offer();
            HttpResponse<String> answer =
                    ChannelClient.offer(
                            serving.port(), ada, offer.replace(fingerprint(offer), fingerprint));
            assertEquals(200, answer.statusCode());
            client.answered(answer.body());
            until("it was given up", () -> peers(serving) == 0);
            String metrics = RawHttp.get(serving.port(), "/metrics").text();
            assertTrue(metrics.contains("setups_total{result=\"failed\"} 1"), metrics);
        }
    }

    private static String fingerprint(String sdp) {
        return sdp.lines()
                .filter(line -> line.startsWith("a=fingerprint:"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void nobodyIsSentAnythingBeforeTheyKnockThemselves() throws Exception {
        Hello ada = hello("ada");
        try (Serving serving = serving();
                ChannelClient client = new ChannelClient()) {
            String offer = client.offer();
            try (DatagramSocket victim = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                String candidate =
                        "a=candidate:1 1 udp 2122260223 127.0.0.1 %d typ host\r\n"
                                .formatted(victim.getLocalPort());
                HttpResponse<String> answer =
                        ChannelClient.offer(serving.port(), ada, offer + candidate);
                client.answered(answer.body());
                client.awaitOpen();
                victim.setSoTimeout(1);
                assertThrows(
                        SocketTimeoutException.class,
                        () -> victim.receive(new DatagramPacket(new byte[99], 99)));
            }
        }
    }

    @Test
    void noMoreAreBegunThanMayBe() throws Exception {
        try (Serving serving = serving("--max-push-peers=3")) {
            List<ChannelClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(ChannelClient.open(serving.port(), hello("n" + i)));
            }
            ChannelClient late = new ChannelClient();
            clients.add(late);
            HttpResponse<String> refused =
                    ChannelClient.offer(serving.port(), hello("late"), late.offer());
            assertEquals(429, refused.statusCode());
            assertTrue(refused.body().contains("TOO_MANY_CONNECTIONS"), refused.body());
            clients.removeFirst().close();
            until("one is gone", () -> peers(serving) < 3);
            ChannelClient.open(serving.port(), hello("late")).close();
            clients.forEach(ChannelClient::close);
        }
        try (Serving serving = serving("--push-peer-setups-per-second=1")) {
            ChannelClient.open(serving.port(), hello("first")).close();
            List<CompletableFuture<Integer>> statuses = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Hello hello = hello("n" + i);
                statuses.add(CompletableFuture.supplyAsync(() -> status(serving, hello)));
            }
            assertTrue(statuses.stream().map(CompletableFuture::join).anyMatch(it -> it == 429));
        }
    }

    @Test
    void twoHundredSessionsOnOnePortEachGetWhatIsTheirs() throws Exception {
        int count = 200;
        try (Serving serving = serving("--push-peer-setups-per-second=1000")) {
            List<ChannelClient> clients = new ArrayList<>();
            List<Hello> hellos = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Hello hello = LinkClient.hello("room" + i, "n" + i, null);
                hellos.add(hello);
                clients.add(ChannelClient.open(serving.port(), hello));
                clients.getLast().send(hello);
            }
            for (int i = 0; i < count; i++) {
                Bytes id = Bytes.utf8(hellos.get(i).id().text());
                Bytes told = Bytes.utf8(clients.get(i).next(Welcome.class).id().text());
                assertEquals(id, told);
            }
            assertEquals(count, peers(serving));
            clients.forEach(ChannelClient::close);
            until("all are forgotten", () -> peers(serving) == 0);
        }
    }

    /** Of an offer that is none. */
    private static int status(Serving serving, Hello hello) {
        try {
            return ChannelClient.offer(serving.port(), hello, "v=0\r\n").statusCode();
        } catch (IOException | InterruptedException problem) {
            throw new AssertionError(problem);
        }
    }

    private static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) throw new AssertionError(what + ": not in time");
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static int peers(Serving serving) {
        var peer = serving.server().pushPeer();
        if (peer == null) throw new AssertionError("there is one");
        return peer.connections();
    }
}
