package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.sdk.Gap;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.Receipt;
import dev.peerline.sdk.Room;
import dev.peerline.sdk.RoomState;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What networks and servers do to peers of the Java SDK. */
@Execution(ExecutionMode.CONCURRENT)
final class JavaResilienceTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final int MESSAGES = 400;

    @TempDir Path folder;

    /** Connections that break, and others that fall silent, while messages go both ways. */
    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "SSE", "LONG_POLL"})
    void whatIsSentWhileConnectionsBreakArrivesOnceAndInOrder(PathKind kind) throws Exception {
        try (Serving serving = Serving.with();
                TcpProxy proxy = new TcpProxy(serving.port());
                Room ada =
                        Peerline.join(
                                proxy.url("break"),
                                JoinOptions.named("Ada").withMaxDirect(0).withPaths(kind));
                Room bob =
                        Peerline.join(
                                proxy.url("break"), JoinOptions.named("Bob").withMaxDirect(0))) {
            JavaCarriersTest.await(ada);
            JavaCarriersTest.await(bob);
            Collector<Message> atAda = new Collector<>();
            Collector<Message> atBob = new Collector<>();
            Collector<Gap> gaps = new Collector<>();
            ada.onMessage(atAda);
            bob.onMessage(atBob);
            ada.onGap(gaps);
            bob.onGap(gaps);
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                receipts.add(ada.send("" + i));
                receipts.add(bob.send("" + i));
                // Each trouble in the middle of what is under way.
                if (i % 100 == 50) receipts.get(i).get(60, TimeUnit.SECONDS);
                if (i % 200 == 50) proxy.cut();
                if (i % 200 == 150) proxy.silence();
            }
            for (int i = 0; i < MESSAGES; i++) {
                assertEquals("" + i, atAda.next().text());
                assertEquals("" + i, atBob.next().text());
            }
            for (CompletableFuture<Receipt> each : receipts) {
                assertEquals(1, each.get(60, TimeUnit.SECONDS).delivered());
            }
            assertTrue(gaps.isEmpty());
            assertTrue(atAda.isEmpty() && atBob.isEmpty());
        }
    }

    @Test
    void aServerThatComesBackWithoutItsMemoryKnowsThePeersAgain() throws Exception {
        Serving first = Serving.with();
        try (TcpProxy proxy = new TcpProxy(first.port());
                Room ada =
                        Peerline.join(
                                proxy.url("restart"), JoinOptions.named("Ada").withMaxDirect(0));
                Room bob =
                        Peerline.join(
                                proxy.url("restart"), JoinOptions.named("Bob").withMaxDirect(0))) {
            JavaCarriersTest.await(ada);
            JavaCarriersTest.await(bob);
            Collector<Message> atBob = new Collector<>();
            Collector<RoomState> states = new Collector<>();
            bob.onMessage(atBob);
            ada.onState(states);
            String id = ada.me().id();
            ada.send("before").get(60, TimeUnit.SECONDS);
            proxy.refuse(true);
            first.close();
            proxy.cut();
            states.next(state -> state == RoomState.RECOVERING);
            CompletableFuture<Receipt> during = ada.send("during");
            try (Serving second = Serving.with()) {
                proxy.target(second.port());
                proxy.refuse(false);
                assertEquals(1, during.get(60, TimeUnit.SECONDS).delivered());
                states.next(state -> state == RoomState.OPEN);
                assertEquals(id, ada.me().id());
                assertEquals("before", atBob.next().text());
                assertEquals("during", atBob.next().text());
                assertEquals(1, bob.send("after").get(60, TimeUnit.SECONDS).delivered());
            }
        }
    }

    private static String token(int seconds) {
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        Instant expires = Instant.now().plusSeconds(seconds);
        return tokens.mint(new Claims("lobby", "Cyd", List.of(), List.of(), expires));
    }

    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "POLL"})
    void aTokenIsRenewedBeforeItEnds(PathKind kind) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        try (Serving serving = Serving.with("--public", "--secret-file=" + secret);
                TcpProxy proxy = new TcpProxy(serving.port())) {
            AtomicInteger asked = new AtomicInteger();
            Collector<String> given = new Collector<>();
            // The first is refused: it has ended. So another is asked for at once.
            JoinOptions options =
                    JoinOptions.DEFAULT
                            .withPaths(kind)
                            .withToken(
                                    () -> {
                                        int time = asked.getAndIncrement();
                                        String token = token(time == 0 ? -10 : 4);
                                        given.accept(token);
                                        return token;
                                    });
            try (Room cyd = Peerline.join(proxy.url("lobby"), options)) {
                assertEquals("Cyd", cyd.me().name());
                Collector<RoomState> states = new Collector<>();
                cyd.onState(states);
                // Three lives of a token, and the room was never closed.
                assertNotEquals(given.next(), given.next());
                given.next(3);
                assertEquals(RoomState.OPEN, cyd.state());
                assertTrue(states.isEmpty(), "it was closed, or recovered, in between");
            }
        }
    }

    @Test
    void aTokenThatEndsClosesTheRoom() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        try (Serving serving = Serving.with("--public", "--secret-file=" + secret);
                TcpProxy proxy = new TcpProxy(serving.port());
                Room cyd =
                        Peerline.join(
                                proxy.url("lobby"), JoinOptions.DEFAULT.withToken(token(2)))) {
            Collector<RoomState> states = new Collector<>();
            cyd.onState(states);
            if (cyd.state() != RoomState.CLOSED) states.next(s -> s == RoomState.CLOSED);
            PeerlineException reason = cyd.reason();
            assertEquals("TOKEN_EXPIRED", reason == null ? null : reason.code());
        }
    }
}
