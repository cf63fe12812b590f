package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.CloseCode;
import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;

/** Clients in rooms, over real WebSockets. */
@Timeout(30)
final class LinkOverWebSocketTest {
    @Test
    void peersSeeEachOtherAndTalkInOrder() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 5)) {
            Welcome welcome = ada.join();
            assertFalse(welcome.resumed());
            assertEquals(ada.member().id(), welcome.id());
            assertEquals("ada", welcome.name());
            assertEquals("peerline/test", welcome.terms().server());
            assertEquals(List.of(), ada.awaitEntry(EntryBody.Roster.class).peers());

            bob.join();
            assertEquals(
                    List.of(new PeerRecord(ada.member(), false, CarrierKind.WEBSOCKET, "ada")),
                    bob.awaitEntry(EntryBody.Roster.class).peers());
            EntryBody.Presence joined = ada.awaitPresence(Change.JOINED);
            assertEquals(
                    new PeerRecord(bob.member(), false, CarrierKind.WEBSOCKET, "bob"),
                    joined.peer());

            ada.bind(0, bob.member());
            for (int i = 0; i < 100; i++) ada.envelope(0, "m" + i);
            for (int i = 0; i < 100; i++) assertEquals("m" + i, bob.awaitText());
            assertEquals(100, ada.await(DownFrame.UpAck.class, a -> a.number() == 100).number());
        }
    }

    @Test
    void oneEnvelopeReachesEverybodyInItsGroup() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1);
                Client eve = new Client(server, "lobby", "eve", 1);
                Client other = new Client(server, "elsewhere", "bob", 1)) {
            for (Client client : List.of(ada, bob, eve, other)) client.join();
            ada.bind(63, bob.member(), eve.member(), other.member());
            ada.envelope(63, "to both");
            assertEquals("to both", bob.awaitText());
            assertEquals("to both", eve.awaitText());

            // Who is in another room is nobody here.
            ada.bind(63, other.member());
            ada.envelope(63, "to nobody");
            ada.await(DownFrame.UpAck.class, a -> a.number() == 2);
            assertEquals(2, server.metrics.of(Counter.UNDELIVERABLE).sum());
        }
    }

    @Test
    void acknowledgementsDatagramsAndSignalsFindTheirWay() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 7)) {
            ada.join();
            bob.join();
            Bytes frames = Bytes.utf8("frames");
            UpBody.Acknowledgement toBob = new UpBody.Acknowledgement(bob.member(), frames);
            ada.send(
                    new UpFrame.Bind(1, List.of(bob.member())),
                    new UpFrame.Up(1, new UpBody.Acks(List.of(toBob))),
                    new UpFrame.Up(2, new UpBody.Signal(1, Bytes.of((byte) 0))),
                    new UpFrame.Datagram(1, frames));
            // A datagram is in no log: nothing says whether it comes before or after the entries.
            Object first = bob.await(Object.class, e -> !(e instanceof Welcome) && !isRoster(e));
            Object second = bob.next();
            Object third = bob.next();
            List<Object> came = List.of(first, second, third);
            Member from = ada.member();
            assertTrue(came.contains(new DownFrame.Datagram(from, 7, frames)), came.toString());
            assertTrue(
                    came.contains(
                            new DownFrame.Entry(0, 2, new EntryBody.Envelope(from, 7, frames))));
            assertTrue(
                    came.contains(
                            new DownFrame.Entry(
                                    0, 3, new EntryBody.Signal(from, 7, Bytes.of((byte) 0)))));
        }
    }

    private static boolean isRoster(Object event) {
        return event instanceof DownFrame.Entry(_, _, EntryBody.Roster _);
    }

    @Test
    void resumesAfterACutInMidStreamWithNothingLostOrDoubled() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            ada.bind(0, bob.member());
            int read = 0;
            int sent = 0;
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 200; i++) ada.envelope(0, "m" + sent++);
                for (int i = 0; i < 50; i++) assertEquals("m" + read++, bob.awaitText());
                if (round % 2 == 0) bob.acknowledge();
                bob.cut();
                Welcome welcome = bob.join();
                assertTrue(welcome.resumed());
            }
            while (read < sent) assertEquals("m" + read++, bob.awaitText());
        }
    }

    @Test
    void takesWhatIsSentAgainAfterACutOnce() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            ada.bind(0, bob.member());
            for (int i = 1; i <= 3; i++) ada.envelope(0, "m" + i);
            ada.await(DownFrame.UpAck.class, a -> a.number() == 3);
            ada.cut();
            assertEquals(3, ada.join().up());

            // As if the acknowledgement had been lost.
            ada.bind(0, bob.member());
            for (int i = 1; i <= 4; i++) {
                UpBody again = new UpBody.Envelope(0, Bytes.utf8("m" + i));
                ada.send(new UpFrame.Up(i, again));
            }
            for (int i = 1; i <= 4; i++) assertEquals("m" + i, bob.awaitText());
            ada.await(DownFrame.UpAck.class, a -> a.number() == 4);
            assertEquals(3, server.metrics.of(Counter.DUPLICATES).sum());
        }
    }

    @Test
    void aReloadIsBackWithAHigherIncarnationAndReadsWhatWaits() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1);
                Client bobAgain = new Client(server, "lobby", "bob", 2)) {
            ada.join();
            bob.join();
            bob.awaitEntry(EntryBody.Roster.class);
            bob.acknowledge();
            ada.bind(0, bob.member());
            ada.envelope(0, "for whoever bob is");
            ada.await(DownFrame.UpAck.class);

            assertFalse(bobAgain.join().resumed());
            EntryBody.Envelope envelope = bobAgain.awaitEntry(EntryBody.Envelope.class);
            assertEquals(1, envelope.to());
            bobAgain.awaitEntry(EntryBody.Roster.class);
            assertEquals(
                    new PeerRecord(bobAgain.member(), false, CarrierKind.WEBSOCKET, "bob"),
                    ada.awaitPresence(Change.BACK).peer());

            Client.Refused refused = bob.awaitRefusal();
            assertEquals(ErrorCode.REPLACED.name(), refused.refusal().code());
            assertEquals(4409, refused.closeCode());

            // The older one comes back: it is refused, and nobody is disturbed.
            bob.connect();
            bob.send(bob.helloFrame());
            assertEquals(4409, bob.awaitRefusal().closeCode());
            ada.bind(0, bobAgain.member());
            ada.envelope(0, "still here");
            assertEquals("still here", bobAgain.awaitText());
        }
    }

    @Test
    void theNewestCarrierOfASessionReads() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client older = new Client(server, "lobby", "bob", 1);
                Client newer = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            older.join();
            older.awaitEntry(EntryBody.Roster.class);
            newer.cursor = older.cursor;
            newer.attempt = 5;
            assertTrue(newer.join().resumed());
            assertEquals(CloseCode.TAKEN_OVER, older.awaitClose());

            // A HELLO that was overtaken ends likewise, and the present carrier stays.
            older.connect();
            older.send(older.helloFrame());
            assertEquals(CloseCode.TAKEN_OVER, older.awaitClose());
            ada.bind(0, newer.member());
            ada.envelope(0, "hi");
            assertEquals("hi", newer.awaitText());
        }
    }

    @Test
    void aPeerWithoutACarrierIsAwayAndThenGone() {
        try (LinkServer server = LinkServer.impatient();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1)) {
            ada.join();
            bob.join();
            bob.awaitEntry(EntryBody.Roster.class);
            bob.cut();
            assertTrue(ada.awaitPresence(Change.AWAY).peer().away());
            assertTrue(bob.join().resumed());
            assertFalse(ada.awaitPresence(Change.BACK).peer().away());
            bob.cut();
            ada.awaitPresence(Change.AWAY);
            ada.awaitPresence(Change.LEFT);
            assertEquals(
                    new Rooms.Gauges(1, 1, 0, server.rooms.gauges().mailboxBytes()),
                    server.rooms.gauges());
            // Nobody knows its cursor any more.
            assertFalse(bob.join().resumed());
            ada.awaitPresence(Change.JOINED);
        }
    }

    @Test
    void whoSaysGoodbyeLeavesAtOnceOrAfterItsGrace() {
        try (LinkServer server = LinkServer.impatient();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 1);
                Client again = new Client(server, "lobby", "bob", 2)) {
            ada.join();
            bob.join();
            ada.awaitPresence(Change.JOINED);
            bob.bind(0, ada.member());
            bob.envelope(0, "bye");
            bob.send(new UpFrame.Bye(0));
            // What was taken is acknowledged before the socket closes.
            bob.await(DownFrame.UpAck.class, a -> a.number() == 1);
            assertEquals(CloseCode.DONE, bob.awaitClose());
            assertEquals("bye", ada.awaitText());
            ada.awaitPresence(Change.LEFT);

            again.join();
            again.send(new UpFrame.Bye(200));
            assertEquals(CloseCode.DONE, again.awaitClose());
            ada.awaitPresence(Change.AWAY);
            ada.awaitPresence(Change.LEFT);
        }
    }

    @Test
    void theLastToLeaveTakesTheRoomAlong() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1)) {
            ada.join();
            assertEquals(1, server.rooms.gauges().rooms());
            ada.send(new UpFrame.Bye(0));
            ada.awaitClose();
            assertEquals(new Rooms.Gauges(0, 0, 0, 0), server.rooms.gauges());
        }
    }

    @Test
    void afterARestartASessionBeginsAnewAndCountsOnFromItsBase() {
        try (Client ada = new Client("lobby", "ada", 1);
                Client bob = new Client("lobby", "bob", 1)) {
            try (LinkServer server = LinkServer.open()) {
                ada.to(server).join();
                bob.to(server).join();
                bob.awaitEntry(EntryBody.Roster.class);
                ada.bind(0, bob.member());
                ada.envelope(0, "before");
                assertEquals("before", bob.awaitText());
            }
            try (LinkServer server = LinkServer.open()) {
                ada.base = 2;
                Welcome welcome = ada.to(server).join();
                assertFalse(welcome.resumed());
                assertEquals(1, welcome.up());
                assertFalse(bob.to(server).join().resumed());
                ada.bind(0, bob.member());
                ada.envelope(0, "after");
                assertEquals("after", bob.awaitText());
                ada.await(DownFrame.UpAck.class, a -> a.number() == 2);
            }
        }
    }
}
