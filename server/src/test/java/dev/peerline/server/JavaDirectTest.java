package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.datachannel.ice.IceServer.Kind;
import dev.peerline.datachannel.ice.IceServer.TlsTrust;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.sdk.Cable;
import dev.peerline.sdk.Explanation;
import dev.peerline.sdk.Gap;
import dev.peerline.sdk.Gate;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.PathChange;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.Receipt;
import dev.peerline.sdk.Room;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.URI;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Two Java peers and the paths that do not go through the server. */
@Isolated
final class JavaDirectTest {
    private static final int MESSAGES_A_SECOND = 200;
    private static final int SOME_MESSAGES = 100;

    private static URI url(Serving serving) {
        return URI.create("http://127.0.0.1:" + serving.port() + "/direct");
    }

    @Test
    void messagesGoDirectlyAndNowhereElse() throws Exception {
        JoinOptions options = JoinOptions.DEFAULT.withPaths(PathKind.DIRECT);
        try (Serving serving = Serving.with();
                Room ada = Peerline.join(url(serving), options.withName("Ada"));
                Room bob = Peerline.join(url(serving), options.withName("Bob"))) {
            Talk there = new Talk(ada, bob);
            Talk back = new Talk(bob, ada);
            Peer peer = JavaCarriersTest.await(ada);
            JavaCarriersTest.await(bob);
            for (int i = 0; i < SOME_MESSAGES; i++) {
                there.say();
                back.say();
            }
            there.check();
            back.check();
            assertEquals(PathKind.DIRECT, peer.path().kind());
            assertTrue(peer.path().roundTrip().isPositive());
            assertEquals("DIRECT", peer.explain().code());
            Receipt receipt = ada.send("last").get(60, TimeUnit.SECONDS);
            assertEquals(1, receipt.delivered());
            assertEquals(PathKind.DIRECT, receipt.path());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TURN_UDP", "TURN_TCP", "TURN_TLS"})
    void messagesGoThroughOurRelayAndNowhereElse(Kind kind) throws Exception {
        JoinOptions options = JoinOptions.DEFAULT.withPaths(PathKind.RELAYED);
        try (Serving serving = Serving.with("--tls-self-signed", "--tls-port=0");
                Room ada = join(serving, options.withName("Ada"), kind);
                Room bob = join(serving, options.withName("Bob"), kind)) {
            Talk there = new Talk(ada, bob);
            Talk back = new Talk(bob, ada);
            Peer peer = JavaCarriersTest.await(ada);
            JavaCarriersTest.await(bob);
            for (int i = 0; i < SOME_MESSAGES; i++) {
                there.say();
                back.say();
            }
            there.check();
            back.check();
            assertEquals(PathKind.RELAYED, peer.path().kind());
            Explanation why = peer.explain();
            assertEquals("RELAYED", why.code(), why.text());
            assertEquals(PathKind.RELAYED, ada.send("x").get(60, TimeUnit.SECONDS).path());
        }
    }

    private static Room join(Serving serving, JoinOptions options, Kind kind) throws Exception {
        int tlsPort = serving.server().http().tlsPort();
        Cable cable =
                new Cable(
                        named ->
                                kind == Kind.TURN_TLS
                                        ? List.of(overTls(only(named, Kind.TURN_TCP), tlsPort))
                                        : List.of(only(named, kind)));
        return Gate.join(url(serving), options, Rung.WEBSOCKET, cable).room();
    }

    private static IceServer only(List<IceServer> named, Kind kind) {
        return named.stream().filter(one -> one.kind() == kind).findFirst().orElseThrow();
    }

    /** The port of HTTPS takes TURN, too; a certificate of its own making is not named to peers. */
    private static IceServer overTls(IceServer server, int port) {
        return IceServer.turn(
                        Kind.TURN_TLS, server.host(), port, server.username(), server.credential())
                .withTrust(TlsTrust.ANY);
    }

    @Test
    void aPathThatFallsSilentInMidStreamIsLeftAndTakenAgainWhenItHeals() throws Exception {
        ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor();
        Cable cable = new Cable();
        JoinOptions options = JoinOptions.DEFAULT.withPaths(PathKind.DIRECT, PathKind.WEBSOCKET);
        try (Serving serving = Serving.with();
                Room bob = Peerline.join(url(serving), options.withName("Bob"))) {
            Gate gate = Gate.join(url(serving), options.withName("Ada"), Rung.WEBSOCKET, cable);
            try (Room ada = gate.room()) {
                Collector<Gap> gaps = new Collector<>();
                ada.onGap(gaps);
                bob.onGap(gaps);
                Talk there = new Talk(ada, bob);
                Talk back = new Talk(bob, ada);
                Peer peer = JavaCarriersTest.await(ada);
                Collector<PathChange> moves = new Collector<>();
                peer.onPathChange(moves);
                JavaCarriersTest.await(bob);
                Future<?> talk =
                        traffic.scheduleAtFixedRate(
                                () -> {
                                    there.say();
                                    back.say();
                                },
                                0,
                                1_000_000 / MESSAGES_A_SECOND,
                                TimeUnit.MICROSECONDS);
                if (peer.path().kind() != PathKind.DIRECT) {
                    PathChange up = moves.next(change -> change.to() == PathKind.DIRECT);
                    assertTrue(List.of("proven", "peer").contains(up.reason()), up.reason());
                }
                there.hear(SOME_MESSAGES);
                cable.cut(true);
                PathChange fall = moves.next(change -> change.to() == PathKind.WEBSOCKET);
                assertTrue(List.of("silent", "peer").contains(fall.reason()), fall.reason());
                assertTrue(fall.moved() > 0);
                // Who follows the other end may have heard of it a moment ago, by another way.
                boolean follows = fall.reason().equals("peer");
                assertTrue(follows || fall.stalled().isPositive(), fall.toString());
                there.hear(SOME_MESSAGES);
                cable.cut(false);
                moves.next(change -> change.to() == PathKind.DIRECT);
                there.hear(SOME_MESSAGES);
                Future<?> end = traffic.schedule(() -> talk.cancel(false), 0, TimeUnit.SECONDS);
                end.get(60, TimeUnit.SECONDS);
                traffic.shutdown();
                assertTrue(traffic.awaitTermination(60, TimeUnit.SECONDS));
                there.check();
                back.check();
                assertTrue(gaps.isEmpty());
                assertTrue(peer.stats().moves() >= 2);
            }
        } finally {
            traffic.shutdownNow();
        }
    }
}
