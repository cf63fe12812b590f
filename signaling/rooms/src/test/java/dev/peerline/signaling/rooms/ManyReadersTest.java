package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.link.wire.CarrierKind;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Thousands that wait over plain HTTP, and what they cost. */
@Tag("slow")
@Timeout(600)
final class ManyReadersTest {
    private static final int EACH = 2_000;

    /** Both ends together, and a session each: far below it, far above noise. */
    private static final long MAX_BYTES_EACH = 128 * 1024;

    private static final LinkLimits MANY =
            new LinkLimits(
                    10_000,
                    10_000,
                    10_000,
                    10_000,
                    100_000,
                    100_000,
                    1 << 30,
                    1 << 30,
                    LinkLimits.MAX_PACKET_BYTES,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(60));

    /** A poll of its own; alone in its room, so that nothing but its own word reaches it. */
    private record Parked(HttpClientPeer peer, RawConnection connection) {}

    private record Streaming(HttpClientPeer peer, EventStream stream) {}

    @Test
    void thousandsWaitWithoutAThreadAndEachIsReached() {
        try (LinkServer server =
                new LinkServer(new LinkServer.OpenDoor(), RoomLimits.DEFAULT, MANY)) {
            List<Streaming> streams = new ArrayList<>();
            for (int i = 0; i < 10; i++) streams.add(stream(server, i));
            long threads = LinkUnderPressureTest.serverThreads();
            long before = usedBytes();
            for (int i = 10; i < EACH; i++) streams.add(stream(server, i));
            List<HttpClientPeer> polling = new ArrayList<>();
            for (int i = 0; i < EACH; i++) {
                polling.add(new HttpClientPeer(server, "poll" + i, "poll" + i));
                polling.getLast().join();
            }
            List<Parked> parked = new ArrayList<>();
            for (HttpClientPeer peer : polling) parked.add(park(server, peer));
            Eventually.until("all wait", () -> server.metrics.open(CarrierKind.LONG_POLL) == EACH);
            assertEquals(threads, LinkUnderPressureTest.serverThreads());
            long each = (usedBytes() - before) / (2L * EACH);
            System.out.println(each + " bytes for each of " + 2 * EACH + ", both ends together");
            assertTrue(each < MAX_BYTES_EACH, each + " bytes each");

            for (Parked one : parked) one.peer.say("hello", one.peer.member());
            for (Parked one : parked) {
                one.peer.read(one.connection.answer());
                assertEquals(List.of("hello"), one.peer.heard);
                one.connection.close();
            }
            for (Streaming one : streams) {
                one.peer.say("hello", one.peer.member());
                one.stream.hear(one.peer, 1);
                one.stream.close();
            }
            Eventually.until("nobody waits", () -> server.handler.connections() == 0);
        }
    }

    private static Streaming stream(LinkServer server, int number) {
        HttpClientPeer peer = new HttpClientPeer(server, "stream" + number, "stream" + number);
        return new Streaming(peer, EventStream.of(peer, server.httpUri()));
    }

    private static Parked park(LinkServer server, HttpClientPeer peer) {
        RawConnection connection = new RawConnection(server.httpUri());
        return new Parked(peer, connection.get("?wait=30", "Peerline-Hello: " + peer.greeting()));
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
