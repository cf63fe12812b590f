package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.sdk.Gap;
import dev.peerline.sdk.Gate;
import dev.peerline.sdk.PathChange;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.Room;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The session goes from one carrier to another in mid-stream: nothing is lost, doubled, disordered.
 */
@Execution(ExecutionMode.CONCURRENT)
final class ForcedMovesTest {
    private static final int MESSAGES_A_SECOND = 200;

    private static Serving serving;

    private ForcedMovesTest() {}

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with("--push-peer");
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    @ParameterizedTest
    @CsvSource({
        "WEBSOCKET, SSE, true",
        "SSE, POLL, false",
        "POLL, WEBSOCKET, true",
        "LONG_POLL, SSE, false",
        "WEBSOCKET, DATA_CHANNEL, true",
        "DATA_CHANNEL, WEBSOCKET, true",
        "DATA_CHANNEL, POLL, false"
    })
    void movesInMidStream(Rung from, Rung to, boolean silently) throws Exception {
        move(from, to, silently);
    }

    static Stream<Arguments> allPairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (Rung from : Rung.values()) {
            for (Rung to : Rung.values()) {
                if (from == to) continue;
                pairs.add(Arguments.of(from, to, true));
                pairs.add(Arguments.of(from, to, false));
            }
        }
        return pairs.stream();
    }

    @ParameterizedTest
    @MethodSource("allPairs")
    @Tag("slow")
    void movesInMidStreamBetweenAnyTwo(Rung from, Rung to, boolean silently) throws Exception {
        move(from, to, silently);
    }

    private static void move(Rung from, Rung to, boolean silently) throws Exception {
        String name = from + "-" + to + "-" + silently;
        URI url = URI.create("http://127.0.0.1:" + serving.port() + "/" + name);
        boolean climbs = from == Rung.DATA_CHANNEL;
        Gate gate = Gate.join(url, "Ada", climbs ? Rung.WEBSOCKET : from);
        Gate other = Gate.join(url, "Bob", Rung.WEBSOCKET);
        ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor();
        try (Room ada = gate.room();
                Room bob = other.room()) {
            Collector<Gap> gaps = new Collector<>();
            ada.onGap(gaps);
            bob.onGap(gaps);
            Peer peer = JavaCarriersTest.await(ada);
            JavaCarriersTest.await(bob);
            Collector<PathChange> moves = new Collector<>();
            peer.onPathChange(moves);
            if (climbs || to == Rung.DATA_CHANNEL) {
                // A pair's path is the lower of both.
                other.also(Rung.DATA_CHANNEL);
                other.hears(Rung.DATA_CHANNEL);
            }
            if (climbs) climb(gate, moves);
            assertEquals(kind(from), peer.path().kind());
            Talk down = new Talk(bob, ada);
            Talk up = new Talk(ada, bob);
            Future<?> talk =
                    traffic.scheduleAtFixedRate(
                            () -> {
                                down.say();
                                up.say();
                            },
                            0,
                            1_000_000 / MESSAGES_A_SECOND,
                            TimeUnit.MICROSECONDS);
            down.hear(100);
            if (to == Rung.DATA_CHANNEL) {
                climb(gate, moves);
            } else {
                gate.only(to, silently);
                while (moves.next().to() != kind(to)) {}
            }
            // It goes on for a while on the other carrier.
            Future<?> end = traffic.schedule(() -> talk.cancel(false), 500, TimeUnit.MILLISECONDS);
            end.get(60, TimeUnit.SECONDS);
            traffic.shutdown();
            assertTrue(traffic.awaitTermination(60, TimeUnit.SECONDS));
            up.check();
            down.check();
            assertTrue(gaps.isEmpty());
        } finally {
            traffic.shutdownNow();
        }
    }

    /** A data channel is set up beside what there is, and never where there is nothing. */
    private static void climb(Gate gate, Collector<PathChange> moves) throws Exception {
        gate.also(Rung.DATA_CHANNEL);
        while (moves.next().to() != PathKind.DATA_CHANNEL) {}
    }

    private static PathKind kind(Rung rung) {
        return PathKind.valueOf(rung.name());
    }
}
