package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What ends for time alone. */
@Timeout(30)
final class LinkTimeoutsTest {
    private static LinkLimits limits(Duration hello, Duration ping) {
        return limits(hello, ping, LinkLimits.DEFAULT.writeTimeout());
    }

    private static LinkLimits limits(Duration hello, Duration ping, Duration write) {
        LinkLimits usual = LinkLimits.DEFAULT;
        return new LinkLimits(
                usual.maxConnections(),
                usual.connectionsPerKey(),
                usual.connectsPerSecond(),
                usual.connectBurst(),
                usual.framesPerSecond(),
                usual.frameBurst(),
                usual.bytesPerSecond(),
                usual.byteBurst(),
                usual.maxPacketBytes(),
                hello,
                ping,
                write);
    }

    @Test
    void whoSaysNoHelloIsEndedAndMayTryAgain() {
        LinkLimits quick = limits(Duration.ofMillis(200), Duration.ofSeconds(20));
        try (LinkServer server =
                        new LinkServer(new LinkServer.OpenDoor(), RoomLimits.DEFAULT, quick);
                Client mallory = new Client(server, "lobby", "mallory", 1)) {
            mallory.connect();
            Client.Refused refused = mallory.awaitRefusal();
            assertEquals(ErrorCode.SILENT.name(), refused.refusal().code());
            assertTrue(refused.refusal().retriable());
            assertEquals(4408, refused.closeCode());
        }
    }

    @Test
    void whoIsSilentForThreePingsIsEndedAndMayComeBack() {
        LinkLimits quick = limits(Duration.ofSeconds(20), Duration.ofMillis(500));
        try (LinkServer server =
                        new LinkServer(new LinkServer.OpenDoor(), RoomLimits.DEFAULT, quick);
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            Client.Refused refused;
            do {
                ada.ping();
                refused = bob.refusalIfAny(Duration.ofMillis(100));
            } while (refused == null);
            assertEquals(ErrorCode.SILENT.name(), refused.refusal().code());
            assertEquals(4408, refused.closeCode());
            bob.join();
        }
    }

    @Test
    void aBodyThatTricklesInIsEndedWithAWordAndHoldsUpNobody() {
        Duration usual = Duration.ofSeconds(20);
        LinkLimits quick = limits(usual, usual, Duration.ofMillis(500));
        try (LinkServer server =
                        new LinkServer(new LinkServer.OpenDoor(), RoomLimits.DEFAULT, quick);
                Client ada = new Client(server, "lobby", "ada", 1)) {
            ada.join();
            List<RawConnection> slow = new ArrayList<>();
            for (int i = 0; i < 100; i++) slow.add(new RawConnection(server.httpUri()));
            int threads = Thread.activeCount();
            for (RawConnection each : slow) each.beginPost(1_000);
            for (RawConnection each : slow) {
                HttpClientPeer.Answer answer = each.trickle();
                assertEquals(429, answer.status());
                Refusal refusal = (Refusal) answer.frames().getLast();
                assertEquals(ErrorCode.SILENT.name(), refusal.code());
                assertTrue(refusal.retriable());
            }
            assertEquals(100, server.metrics.refusals(ErrorCode.SILENT));
            assertTrue(Thread.activeCount() < threads + 50, "a thread for each that waits");
            for (RawConnection each : slow) assertTrue(each.closes());
            ada.ping();
            assertNull(ada.refusalIfAny(Duration.ofMillis(1)));
            for (RawConnection each : slow) each.close();
        }
    }
}
