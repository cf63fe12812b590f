package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;

import dev.peerline.sdk.Channel;
import dev.peerline.sdk.Data;
import dev.peerline.sdk.Identity;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.PeerEvent;
import dev.peerline.sdk.PeerState;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.Receipt;
import dev.peerline.sdk.Room;
import dev.peerline.sdk.RoomState;
import dev.peerline.sdk.SendOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Peers of the Java SDK in a room of a real server. */
final class JavaPeersTest {
    private static Serving serving;

    @TempDir Path folder;

    private JavaPeersTest() {}

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with();
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    private static URI url(String room) {
        return URI.create("http://127.0.0.1:" + serving.port() + "/" + room);
    }

    private static Room join(String room, String name) {
        return Peerline.join(url(room), JoinOptions.named(name).withMaxDirect(0));
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static PeerlineException failure(CompletableFuture<?> future) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> await(future));
        return assertInstanceOf(PeerlineException.class, failure.getCause());
    }

    private static Peer awaitPeer(Room room, String name) throws InterruptedException {
        Collector<PeerEvent> events = new Collector<>();
        try (var _ = room.onPeer(events)) {
            while (true) {
                for (Peer peer : room.peers().values()) {
                    if (peer.name().equals(name)) return peer;
                }
                events.next();
            }
        }
    }

    @Test
    void messagesOfEveryKindArriveInOrderWithReceipts() throws Exception {
        JoinOptions options = JoinOptions.named("Ada").withPaths(PathKind.WEBSOCKET);
        try (Room ada = Peerline.join(url("kinds"), options);
                Room bob = join("kinds", "Bob")) {
            Collector<Message> got = new Collector<>();
            bob.onMessage(got);
            awaitPeer(ada, "Bob");
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
            byte[] large = new byte[1 << 20];
            large[77_777] = 7;
            receipts.add(ada.send("héllo"));
            receipts.add(ada.send(Data.bytes(large)));
            receipts.add(ada.send(Data.json(JsonParser.parseString("{\"a\":[1,null,\"x\"]}"))));
            receipts.add(ada.send(""));
            for (CompletableFuture<Receipt> each : receipts) {
                Receipt receipt = await(each);
                assertEquals(1, receipt.delivered());
                assertEquals(List.of(), receipt.missed());
                assertEquals(PathKind.WEBSOCKET, receipt.path());
            }
            Message first = got.next();
            assertEquals("héllo", first.text());
            assertEquals(ada.me().id(), first.from().id());
            assertEquals("Ada", first.from().name());
            assertFalse(first.direct());
            assertArrayEquals(large, got.next().bytes());
            assertEquals(
                    "x",
                    got.next().json().getAsJsonObject().getAsJsonArray("a").get(2).getAsString());
            assertEquals("", got.next().text());
            assertEquals(4, first.from().stats().messagesReceived());
        }
    }

    @Test
    void oneIsSentToAloneAndChannelsAreOrdersOfTheirOwn() throws Exception {
        try (Room ada = join("alone", "Ada");
                Room bob = join("alone", "Bob");
                Room cyd = join("alone", "Cyd")) {
            Collector<Message> atBob = new Collector<>();
            Collector<Message> atCyd = new Collector<>();
            Collector<Message> files = new Collector<>();
            Collector<Message> ofAda = new Collector<>();
            bob.onMessage(atBob);
            cyd.onMessage(atCyd);
            bob.channel("files").onMessage(files);
            awaitPeer(bob, "Ada").onMessage(ofAda);
            Peer peer = awaitPeer(ada, "Bob");
            awaitPeer(ada, "Cyd");
            await(peer.send("for Bob"));
            Channel channel = ada.channel("files");
            assertEquals(channel, ada.channel("files"));
            assertEquals(2, await(channel.send("a file")).delivered());
            Message direct = atBob.next();
            assertTrue(direct.direct());
            assertEquals("for Bob", direct.text());
            assertEquals("files", atBob.next().channel());
            assertEquals("a file", files.next().text());
            assertEquals("for Bob", ofAda.next().text());
            assertEquals("a file", atCyd.next().text());
            assertEquals(1, await(ada.channel("own", peer).send("x")).delivered());
            assertTrue(atCyd.isEmpty());
            await(peer.send(Data.text("loose"), SendOptions.UNRELIABLE));
            assertEquals("loose", atBob.next(m -> m.channel().isEmpty()).text());
        }
    }

    @Test
    void whoComesAndGoesIsToldAndWhatIsSentToTheGoneIsMissed() throws Exception {
        try (Room ada = join("come", "Ada")) {
            assertEquals(0, await(ada.send("nobody")).delivered());
            Collector<PeerEvent> events = new Collector<>();
            ada.onPeer(events);
            Room bob = join("come", "Bob");
            PeerEvent joined = events.next();
            assertEquals(PeerEvent.Kind.JOINED, joined.kind());
            assertEquals("Bob", joined.peer().name());
            assertEquals(List.of(bob.me().id()), List.copyOf(ada.peers().keySet()));
            assertTrue(bob.peers().containsKey(ada.me().id()));
            bob.close();
            assertEquals(RoomState.CLOSED, bob.state());
            assertEquals("CLOSED", failure(bob.send("late")).code());
            assertEquals(PeerEvent.Kind.LEFT, events.next().kind());
            assertEquals(PeerState.GONE, joined.peer().state());
            assertEquals("PEER_GONE", joined.peer().explain().code());
            assertEquals(List.of(bob.me().id()), await(joined.peer().send("?")).missed());
        }
    }

    @Test
    void messagesThatCameBeforeTheFirstListenerAreKeptForIt() throws Exception {
        try (Room ada = join("kept", "Ada");
                Room bob = join("kept", "Bob")) {
            awaitPeer(ada, "Bob");
            await(ada.send("early"));
            Collector<Message> got = new Collector<>();
            bob.onMessage(got);
            assertEquals("early", got.next().text());
        }
    }

    @Test
    void aListenerMayWaitForItsOwnSends() throws Exception {
        try (Room ada = join("wait", "Ada");
                Room bob = join("wait", "Bob")) {
            Collector<Receipt> answered = new Collector<>();
            bob.onMessage(message -> answered.accept(message.from().send("answer").join()));
            awaitPeer(ada, "Bob");
            ada.send("question").get(60, TimeUnit.SECONDS);
            assertEquals(1, answered.next().delivered());
        }
    }

    @Test
    void aListenerThatFailsKeepsNobodyFromHearing() throws Exception {
        try (Room ada = join("fail", "Ada");
                Room bob = join("fail", "Bob")) {
            Collector<Message> got = new Collector<>();
            bob.onMessage(
                    _ -> {
                        throw new IllegalStateException("as the test wants");
                    });
            bob.onMessage(got);
            awaitPeer(ada, "Bob");
            await(ada.send("one"));
            await(ada.send("two"));
            assertEquals("one", got.next().text());
            assertEquals("two", got.next().text());
        }
    }

    @Test
    void slowListenersMakeSendersWaitAndLoseNothing() throws Exception {
        try (Room ada = join("slow", "Ada");
                Room bob = join("slow", "Bob")) {
            CountDownLatch stuck = new CountDownLatch(1);
            Collector<Integer> sizes = new Collector<>();
            bob.onMessage(
                    message -> {
                        awaitLatch(stuck);
                        sizes.accept(message.bytes().length);
                    });
            awaitPeer(ada, "Bob");
            // Until the queue of 8 MiB is full: what Bob's backlog and window take is less.
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
            CompletableFuture<Receipt> last = new CompletableFuture<>();
            while (!last.isCompletedExceptionally()) {
                last = ada.send(Data.bytes(new byte[64 * 1024]));
                receipts.add(last);
            }
            PeerlineException full = failure(last);
            assertEquals("QUEUE_FULL", full.code());
            assertTrue(full.retriable());
            receipts.removeLast();
            CompletableFuture<Void> ready = ada.ready();
            stuck.countDown();
            await(ready);
            for (CompletableFuture<Receipt> each : receipts)
                assertEquals(1, await(each).delivered());
            assertEquals(receipts.size(), sizes.next(receipts.size()).size());
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException problem) {
            throw new AssertionError(problem);
        }
    }

    @Test
    void whatCannotBeSentIsRefused() throws Exception {
        try (Room ada = join("refuse", "Ada")) {
            PeerlineException large = failure(ada.send(Data.bytes(new byte[(1 << 20) + 1])));
            assertEquals("MESSAGE_TOO_LARGE", large.code());
            assertFalse(large.retriable());
            assertFalse(large.hint().isEmpty());
            assertThrows(PeerlineException.class, () -> ada.channel(""));
        }
    }

    @Test
    void whatIsGivenUpIsMissed() throws Exception {
        try (TcpProxy proxy = new TcpProxy(serving.port());
                Room ada =
                        Peerline.join(
                                proxy.url("giveup"), JoinOptions.named("Ada").withMaxDirect(0));
                Room bob = join("giveup", "Bob")) {
            Peer peer = awaitPeer(ada, "Bob");
            Collector<Message> got = new Collector<>();
            bob.onMessage(got);
            await(ada.send("before"));
            proxy.refuse(true);
            proxy.cut();
            CompletableFuture<Receipt> cancelled = peer.send("cancelled");
            CompletableFuture<Receipt> old =
                    peer.send(Data.text("old"), SendOptions.DEFAULT.withTtl(Duration.ofMillis(50)));
            assertTrue(cancelled.cancel(true));
            assertThrows(CancellationException.class, cancelled::join);
            assertEquals(List.of(bob.me().id()), await(old).missed());
            CompletableFuture<Receipt> after = peer.send("after");
            proxy.refuse(false);
            assertEquals(1, await(after).delivered());
            assertEquals("before", got.next().text());
            // What had left the pair when it was given up may still arrive.
            assertEquals("after", got.next(m -> m.text().equals("after")).text());
        }
    }

    @Test
    void theKeyIsTheIdAndANewerLifeEndsTheOlder() throws Exception {
        Identity identity = Identity.inMemory();
        JoinOptions options = JoinOptions.named("Ada").withIdentity(identity);
        Room first = Peerline.join(url("lives"), options);
        Collector<RoomState> states = new Collector<>();
        first.onState(states);
        try (Room second = Peerline.join(url("lives"), options);
                Room other = join("lives", "Ada")) {
            assertEquals(first.me().id(), second.me().id());
            assertNotEquals(first.me().id(), other.me().id());
            states.next(state -> state == RoomState.CLOSED);
            PeerlineException reason = first.reason();
            assertEquals("REPLACED", reason == null ? null : reason.code());
        }
        first.close();
    }

    @Test
    void anIdentityInAFileIsKeptAndUsedByOneAtATime() throws Exception {
        Path file = folder.resolve("keys/ada");
        JoinOptions options = JoinOptions.named("Ada").withIdentity(Identity.file(file));
        String id;
        try (Room first = Peerline.join(url("file"), options)) {
            id = first.me().id();
            PeerlineException used =
                    assertThrows(
                            PeerlineException.class, () -> Peerline.join(url("file"), options));
            assertEquals("IDENTITY", used.code());
        }
        assertTrue(Files.readString(file).startsWith(url("file").toString()));
        try (Room second = Peerline.join(url("file"), options)) {
            assertEquals(id, second.me().id());
        }
        assertThrows(PeerlineException.class, () -> Peerline.join(url("elsewhere"), options));
    }

    @Test
    void joiningWhereNobodyAnswersFailsAfterItsPatience() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        URI nowhere = URI.create("http://127.0.0.1:" + port + "/lobby");
        JoinOptions hasty = JoinOptions.DEFAULT.withPatience(Duration.ofMillis(300));
        PeerlineException problem =
                assertThrows(PeerlineException.class, () -> Peerline.join(nowhere, hasty));
        assertEquals("UNREACHABLE", problem.code());
        assertTrue(problem.retriable());
        CompletableFuture<Room> endless = Peerline.joinAsync(nowhere, JoinOptions.DEFAULT);
        assertTrue(endless.cancel(true));
    }

    @Test
    void anInterruptEndsJoiningAndClosing() throws Exception {
        Room ada = join("interrupt", "Ada");
        Thread.currentThread().interrupt();
        ada.close();
        assertTrue(Thread.interrupted());
        URI nowhere = URI.create("http://127.0.0.1:1/lobby");
        Thread.currentThread().interrupt();
        PeerlineException problem =
                assertThrows(PeerlineException.class, () -> Peerline.join(nowhere));
        assertEquals("ABORTED", problem.code());
        assertTrue(Thread.interrupted());
        await(ada.leave());
    }

    @Test
    void urlsThatNameNoRoomAreRefused() {
        for (String url : List.of("http://host", "http://host/", "ftp://host/a", "/a", "http:/a")) {
            PeerlineException problem =
                    assertThrows(PeerlineException.class, () -> Peerline.join(URI.create(url)));
            assertEquals("BAD_ARGUMENT", problem.code(), url);
        }
    }
}
