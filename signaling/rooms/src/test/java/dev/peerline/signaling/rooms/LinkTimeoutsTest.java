package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.link.wire.ErrorCode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;

/** What ends for time alone. */
@Timeout(30)
final class LinkTimeoutsTest {
    private static LinkLimits limits(Duration hello, Duration ping) {
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
                usual.writeTimeout());
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
}
