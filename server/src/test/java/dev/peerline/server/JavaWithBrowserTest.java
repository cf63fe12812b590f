package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.sdk.Cable;
import dev.peerline.sdk.Gap;
import dev.peerline.sdk.Gate;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.PathChange;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.Room;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A Java peer and a page in Chromium, who stream to each other over every kind of path. A path that
 * is silent for 300 ms is left: nothing else may keep them from a core.
 */
@Isolated
final class JavaWithBrowserTest {
    /** Before a move, and after it. */
    private static final int SOME_MESSAGES = 100;

    /** The page stays as high as it can: what is shown is the lower of both ends. */
    private static final Set<PathKind> HIGH = Set.of(PathKind.DIRECT, PathKind.WEBSOCKET);

    /** Each of the twenty ordered pairs once. */
    private static final List<PathKind> CIRCUIT =
            List.of(
                    PathKind.DIRECT,
                    PathKind.WEBSOCKET,
                    PathKind.SSE,
                    PathKind.DIRECT,
                    PathKind.SSE,
                    PathKind.POLL,
                    PathKind.DIRECT,
                    PathKind.POLL,
                    PathKind.SSE,
                    PathKind.LONG_POLL,
                    PathKind.DIRECT,
                    PathKind.LONG_POLL,
                    PathKind.SSE,
                    PathKind.WEBSOCKET,
                    PathKind.LONG_POLL,
                    PathKind.POLL,
                    PathKind.LONG_POLL,
                    PathKind.WEBSOCKET,
                    PathKind.POLL,
                    PathKind.WEBSOCKET,
                    PathKind.DIRECT);

    /** Where there is no browser, this is left out, and says why. */
    @BeforeAll
    static void needsBrowser() throws Exception {
        String missing = BrowserPeer.missing();
        assumeTrue(missing.isEmpty(), () -> "left out: " + missing);
    }

    private static URI url(Serving serving) {
        return URI.create("http://127.0.0.1:" + serving.port() + "/browser");
    }

    @Test
    void aDirectPathOpensToAPageThatCameFirst() throws Exception {
        try (Serving serving = Serving.with();
                BrowserPeer page = BrowserPeer.open(url(serving), Set.of(PathKind.DIRECT));
                Room room = Peerline.join(url(serving), JoinOptions.named("Java"))) {
            talk(room, page, PathKind.DIRECT);
        }
    }

    @Test
    void aDirectPathOpensToAPageThatCameLater() throws Exception {
        try (Serving serving = Serving.with();
                Room room = Peerline.join(url(serving), JoinOptions.named("Java"));
                BrowserPeer page = BrowserPeer.open(url(serving), Set.of(PathKind.DIRECT))) {
            talk(room, page, PathKind.DIRECT);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messagesGoThroughOurRelayWhereThatIsAllThatIsAllowed(boolean pageToo) throws Exception {
        JoinOptions options = JoinOptions.named("Java").withPaths(PathKind.RELAYED);
        Set<PathKind> paths = Set.of(pageToo ? PathKind.RELAYED : PathKind.DIRECT);
        if (!pageToo) paths = Set.of(PathKind.DIRECT, PathKind.RELAYED);
        try (Serving serving = Serving.with();
                BrowserPeer page = BrowserPeer.open(url(serving), paths);
                Room room = Peerline.join(url(serving), options)) {
            talk(room, page, PathKind.RELAYED);
        }
    }

    /** What each sends arrives, over one kind of path. */
    private static void talk(Room room, BrowserPeer page, PathKind kind) throws Exception {
        Peer peer = JavaCarriersTest.await(room);
        Collector<PathChange> moves = new Collector<>();
        try (var _ = peer.onPathChange(moves);
                Stream there = new Stream(room)) {
            page.start(room);
            page.hears(SOME_MESSAGES);
            if (peer.path().kind() != kind) moves.next(change -> change.to() == kind);
            page.hears(SOME_MESSAGES);
            assertEquals(kind, page.kind());
            page.check(there.stop());
            assertEquals(kind.name(), peer.explain().code());
        }
    }

    @Test
    void messagesOfBothArriveOnceAndInOrderThroughForcedMoves() throws Exception {
        go(
                List.of(
                        PathKind.DIRECT,
                        PathKind.SSE,
                        PathKind.POLL,
                        PathKind.WEBSOCKET,
                        PathKind.DIRECT));
    }

    @Test
    @Tag("slow")
    void messagesOfBothArriveOnceAndInOrderThroughEachForcedMove() throws Exception {
        go(CIRCUIT);
    }

    private static void go(List<PathKind> kinds) throws Exception {
        Cable cable = new Cable();
        try (Serving serving = Serving.with()) {
            Gate gate = Gate.join(url(serving), JoinOptions.named("Java"), Rung.WEBSOCKET, cable);
            try (Room room = gate.room();
                    BrowserPeer page = BrowserPeer.open(url(serving), HIGH)) {
                Collector<Gap> gaps = new Collector<>();
                room.onGap(gaps);
                Peer peer = JavaCarriersTest.await(room);
                Collector<PathChange> moves = new Collector<>();
                peer.onPathChange(moves);
                try (Stream there = new Stream(room)) {
                    page.start(room);
                    page.hears(SOME_MESSAGES);
                    if (peer.path().kind() != PathKind.DIRECT) {
                        moves.next(change -> change.to() == PathKind.DIRECT);
                    }
                    for (int i = 1; i < kinds.size(); i++) {
                        move(kinds.get(i - 1), kinds.get(i), gate, cable);
                        PathKind to = kinds.get(i);
                        moveFrom(kinds.get(i - 1), to, moves);
                        page.hears(SOME_MESSAGES);
                    }
                    page.check(there.stop());
                }
                assertTrue(gaps.isEmpty());
            }
        }
    }

    /** Waits for a move to there, which is to be from here. */
    private static void moveFrom(PathKind from, PathKind to, Collector<PathChange> moves)
            throws Exception {
        List<PathChange> heard = new ArrayList<>();
        while (heard.isEmpty() || heard.getLast().to() != to) heard.add(moves.next());
        assertEquals(from, heard.getLast().from(), heard::toString);
    }

    private static void move(PathKind from, PathKind to, Gate gate, Cable cable) throws Exception {
        if (to == PathKind.DIRECT) {
            cable.cut(false);
            return;
        }
        Rung rung = Rung.valueOf(to.name());
        gate.only(rung, true);
        if (from != PathKind.DIRECT) return;
        gate.hears(rung);
        cable.cut(true);
    }
}
