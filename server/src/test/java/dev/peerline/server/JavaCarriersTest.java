package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.PeerEvent;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.Receipt;
import dev.peerline.sdk.Room;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Each carrier of the Java SDK against a real server, alone. */
final class JavaCarriersTest {
    private static final int MESSAGES = 300;

    private static Serving serving;

    private JavaCarriersTest() {}

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with("--push-peer");
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    private static Room join(String room, String name, PathKind kind) {
        URI url = URI.create("http://127.0.0.1:" + serving.port() + "/" + room);
        return Peerline.join(url, JoinOptions.named(name).withPaths(kind));
    }

    @ParameterizedTest
    @EnumSource(
            value = PathKind.class,
            names = {"DIRECT", "RELAYED"},
            mode = EnumSource.Mode.EXCLUDE)
    void messagesGoBothWaysOverOneKindOfCarrier(PathKind kind) throws Exception {
        String name = "forced-" + kind.text();
        // The path of a pair is the lower of both.
        PathKind other = kind == PathKind.DATA_CHANNEL ? kind : PathKind.WEBSOCKET;
        try (Room ada = join(name, "Ada", kind);
                Room bob = join(name, "Bob", other)) {
            Collector<Message> atAda = new Collector<>();
            Collector<Message> atBob = new Collector<>();
            ada.onMessage(atAda);
            bob.onMessage(atBob);
            Peer peer = await(ada);
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                receipts.add(ada.send("a" + i));
                receipts.add(bob.send("b" + i));
            }
            for (int i = 0; i < MESSAGES; i++) {
                assertEquals("b" + i, atAda.next().text());
                assertEquals("a" + i, atBob.next().text());
            }
            for (CompletableFuture<Receipt> each : receipts) {
                Receipt receipt = each.get(60, TimeUnit.SECONDS);
                assertEquals(1, receipt.delivered());
                assertEquals(kind, receipt.path());
            }
            assertEquals(kind, peer.path().kind());
            assertEquals(kind, await(bob).path().kind());
            assertEquals(MESSAGES, peer.stats().messagesSent());
        }
    }

    /** The other peer of the room. */
    static Peer await(Room room) throws InterruptedException {
        Collector<PeerEvent> events = new Collector<>();
        try (var _ = room.onPeer(events)) {
            while (room.peers().isEmpty()) events.next();
            return room.peers().values().iterator().next();
        }
    }
}
