package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Each kind of abuse ends its own carrier with a code, and two others talk on. */
@Timeout(30)
final class LinkUnderAbuseTest {
    private static final LinkLimits SMALL =
            new LinkLimits(
                    100,
                    8,
                    1,
                    12,
                    100,
                    200,
                    1024 * 1024,
                    1024 * 1024,
                    64 * 1024,
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20));

    private static final RoomLimits FEW =
            new RoomLimits(
                    2,
                    3,
                    8 * 1024 * 1024,
                    1_000,
                    64 * 1024 * 1024,
                    Duration.ofSeconds(2),
                    Duration.ofMinutes(2));

    /** Ada and Bob have a key each of their own; whoever else comes is one crowd. */
    private static final class Door extends LinkServer.OpenDoor {
        @Override
        public Decision knock(Visitor visitor) {
            return "https://evil.example".equals(visitor.origin())
                    ? new Refusal(ErrorCode.FORBIDDEN_ORIGIN, "Not from there.", "--allow-origin")
                    : new Grant("", Grant.NEVER, "crowd");
        }

        @Override
        public Decision admit(Visitor visitor, Request request) {
            String name = request.name() == null ? "" : request.name();
            if (name.equals("trap")) throw new IllegalStateException("a fault of the door");
            boolean known = name.equals("ada") || name.equals("bob");
            return new Grant(name, Grant.NEVER, known ? name : "crowd");
        }
    }

    private final LinkServer server = new LinkServer(new Door(), FEW, SMALL);
    private final Client ada = new Client(server, "lobby", "ada", 1);
    private final Client bob = new Client(server, "lobby", "bob", 1);
    private final Client mallory = new Client(server, "lobby", "mallory", 1);
    private int said;

    LinkUnderAbuseTest() {
        ada.join();
        bob.join();
        ada.bind(0, bob.member());
    }

    @AfterEach
    void othersTalkOn() {
        ada.envelope(0, "still " + said);
        assertEquals("still " + said++, bob.awaitText());
        for (Client client : List.of(ada, bob, mallory)) client.close();
        server.close();
    }

    private void assertEnds(ErrorCode code, int closeCode) {
        assertEnds(mallory.awaitRefusal(), code, closeCode);
    }

    private void assertEnds(Client.Refused refused, ErrorCode code, int closeCode) {
        assertEquals(code.name(), refused.refusal().code(), refused.toString());
        assertEquals(closeCode, refused.closeCode());
        assertEquals(code.retriable(), refused.refusal().retriable());
        assertEquals(1, server.metrics.refusals(code));
    }

    @Test
    void bytesThatAreNoFrame() {
        mallory.join();
        mallory.send(Bytes.of((byte) 7, (byte) 5, (byte) 0));
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void anUnknownFrame() {
        mallory.join();
        mallory.send(Bytes.of((byte) 63, (byte) 0));
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void aFrameOfTheWayDown() {
        mallory.join();
        mallory.send(new DownFrame.UpAck(1).encode());
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void aTextMessage() {
        mallory.join();
        mallory.sendText("hello");
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void aSecondHello() {
        mallory.join();
        mallory.send(mallory.helloFrame());
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void aGroupThatWasNotBound() {
        mallory.join();
        mallory.send(new UpFrame.Up(1, new UpBody.Envelope(3, Bytes.EMPTY)));
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void aHoleInTheWayUp() {
        mallory.join();
        mallory.bind(0, ada.member());
        mallory.send(new UpFrame.Up(2, new UpBody.Envelope(0, Bytes.EMPTY)));
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void anAcknowledgementOfWhatWasNeverThere() {
        mallory.join();
        mallory.send(new UpFrame.Ack(0, 1_000));
        assertEnds(ErrorCode.BAD_FRAME, 4400);
    }

    @Test
    void aFirstFrameThatIsNoHello() {
        mallory.connect();
        mallory.send(new UpFrame.Ping(Bytes.EMPTY));
        assertEnds(ErrorCode.BAD_HELLO, 4400);
    }

    @Test
    void aPacketThatIsTooLarge() {
        mallory.join();
        mallory.send(Bytes.of(new byte[SMALL.maxPacketBytes() + 1]));
        assertEnds(ErrorCode.MESSAGE_TOO_LARGE, 4413);
    }

    @Test
    void aMessageThatNeverEnds() {
        mallory.join();
        mallory.sendPart(new byte[SMALL.maxPacketBytes()]);
        mallory.sendPart(new byte[1]);
        assertEnds(ErrorCode.MESSAGE_TOO_LARGE, 4413);
    }

    @Test
    void aFloodOfFrames() {
        mallory.join();
        WireWriter packet = new WireWriter();
        for (int i = 0; i <= SMALL.frameBurst(); i++) packet.frame(new UpFrame.Ping(Bytes.EMPTY));
        mallory.send(packet.take());
        Client.Refused refused = mallory.awaitRefusal();
        assertEquals(ErrorCode.RATE_LIMITED.name(), refused.refusal().code());
        assertTrue(refused.refusal().retryAfterMillis() > 0);
        assertEquals(4429, refused.closeCode());
    }

    @Test
    void aFloodOfEmptyPackets() {
        mallory.connect();
        // What it may send grows as it sends: on a slow machine the burst and one is no flood.
        while (mallory.isOpen()) mallory.trySend(Bytes.EMPTY);
        assertEnds(ErrorCode.RATE_LIMITED, 4429);
    }

    @Test
    void moreBytesThanAllowedAreReadMoreSlowlyAndNotLost() {
        mallory.join();
        mallory.bind(0, bob.member());
        int bytes = SMALL.maxPacketBytes() - 100;
        // More than the burst, and for that reason not read at once.
        int count = SMALL.byteBurst() / bytes + 3;
        for (int i = 0; i < count; i++) mallory.envelope(0, "x".repeat(bytes));
        for (int i = 0; i < count; i++) assertEquals(bytes, bob.awaitText().length());
        mallory.await(DownFrame.UpAck.class, a -> a.number() == count);
    }

    @Test
    void moreConnectionsThanOneMayHave() {
        List<Client> crowd = new ArrayList<>();
        for (int i = 0; i <= SMALL.connectionsPerKey(); i++) {
            crowd.add(new Client(server, "lobby", "m" + i, 1).connect());
        }
        // They are counted after the handshake, each on the thread of its own: which is one too
        // many nobody knows.
        Client.Refused refused = null;
        for (int i = 0; refused == null; i = (i + 1) % crowd.size()) {
            refused = crowd.get(i).refusalIfAny(Duration.ofMillis(10));
        }
        assertEnds(refused, ErrorCode.TOO_MANY_CONNECTIONS, 4429);
        crowd.forEach(Client::close);
    }

    @Test
    void moreAttemptsToConnectThanOneMayMake() {
        // Ada and Bob knocked as one of the crowd too.
        for (int i = 2; i < SMALL.connectBurst(); i++) {
            new Client(server, "lobby", "m" + i, 1).connect().close();
        }
        // Each is counted after its handshake, on a thread of its own.
        Client.Refused refused = null;
        while (refused == null) refused = mallory.connect().refusalIfAny(Duration.ofMillis(100));
        assertEquals(ErrorCode.RATE_LIMITED.name(), refused.refusal().code());
        assertTrue(refused.refusal().retryAfterMillis() > 0);
    }

    @Test
    void aForeignOrigin() {
        mallory.origin = "https://evil.example";
        mallory.connect();
        assertEnds(ErrorCode.FORBIDDEN_ORIGIN, 4403);
    }

    @Test
    void whatMakesTheServerFail() {
        try (Client trap = new Client(server, "lobby", "trap", 1)) {
            trap.connect();
            trap.send(trap.helloFrame());
            Client.Refused refused = trap.awaitRefusal();
            assertEquals(ErrorCode.INTERNAL.name(), refused.refusal().code());
            assertEquals(1011, refused.closeCode());
        }
    }

    @Test
    void aRoomThatIsFull() {
        try (Client third = new Client(server, "lobby", "third", 1)) {
            third.join();
            mallory.connect();
            mallory.send(mallory.helloFrame());
            assertEnds(ErrorCode.ROOM_FULL, 4429);
        }
    }

    @Test
    void oneRoomTooMany() {
        try (Client second = new Client(server, "second", "x", 1);
                Client third = new Client(server, "third", "x", 1)) {
            second.join();
            third.connect();
            third.send(third.helloFrame());
            assertEquals(ErrorCode.TOO_MANY_ROOMS.name(), third.awaitRefusal().refusal().code());
        }
    }

    @Test
    void aKeyOfSomebodyElseIsSimplyAnotherPeer() {
        // Nobody can claim Ada's id without her key: the id comes from the key.
        Client claims = new Client(server, "lobby", "adA", 1);
        assertTrue(!claims.join().id().equals(ada.member().id()));
        claims.close();
    }

    @Test
    void plainHttpAndAnotherProtocol() throws IOException, InterruptedException {
        URI http = URI.create(server.uri().toString().replace("ws:", "http:"));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(http).build();
            assertEquals(
                    400, client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
        }
        assertEquals("peerline.1", LinkHandler.SUBPROTOCOL);
        assertEquals(400, mallory.statusOfConnect("chat"));
    }
}
