package dev.peerline.signaling.rooms.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.RoomLimits;
import dev.peerline.signaling.rooms.room.RoomFixture.Peer;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

final class RoomTest {
    private final RoomFixture lobby = new RoomFixture(RoomLimits.DEFAULT);
    private final Peer ada = lobby.peer("ada");
    private final Peer bob = lobby.peer("bob");
    private final Peer eve = lobby.peer("eve");

    @Test
    void aPeerIsAwayAfterTwoSecondsAndGoneAfterTwoMinutes() {
        ada.join();
        bob.join();
        bob.cut();
        lobby.pass(1_900);
        assertFalse(record(bob).away());
        lobby.pass(200);
        assertTrue(record(bob).away());
        lobby.pass(117_800);
        assertNotNull(ada.read().view.get(bob.member().id()));
        lobby.pass(200);
        assertEquals(Set.of(), ada.read().view.keySet());
        assertEquals(1, lobby.room.peers(false));
    }

    private PeerRecord record(Peer peer) {
        PeerRecord record = ada.read().view.get(peer.member().id());
        if (record == null) throw new AssertionError(peer.name + " is not seen");
        return record;
    }

    @Test
    void aReconnectWithinTwoSecondsDisturbsNobody() {
        ada.join();
        bob.join().read();
        int before = ada.read().read.size();
        bob.cut();
        lobby.pass(1_500);
        assertTrue(bob.connect());
        lobby.pass(10_000);
        assertEquals(before, ada.read().read.size());
    }

    @Test
    void aReturnFromAwayIsTold() {
        ada.join();
        bob.join().read();
        bob.cut();
        lobby.pass(60_000);
        assertTrue(record(bob).away());
        assertTrue(bob.connect());
        assertFalse(record(bob).away());
    }

    @Test
    void whatIsSentToSomebodyAwayWaitsForHim() {
        ada.join();
        bob.join().read();
        bob.cut();
        lobby.pass(60_000);
        ada.say("while you were out", bob.member());
        assertTrue(bob.connect());
        assertEquals(List.of("while you were out"), bob.read().heard());
    }

    @Test
    void whatIsSentToSomebodyGoneIsDropped() {
        ada.join();
        bob.join();
        bob.send(new UpFrame.Bye(0));
        ada.say("too late", bob.member());
        bob.cursor = null;
        bob.number = 0;
        bob.join();
        assertEquals(List.of(), bob.read().heard());
    }

    @Test
    void goodbyeWithAGraceIsAwayAtOnceAndGoneAfterIt() {
        ada.join();
        bob.join().read();
        assertSame(Ending.DONE, bob.send(new UpFrame.Bye(5_000)));
        assertTrue(record(bob).away());
        // The socket closes after it; that changes nothing.
        bob.cut();
        lobby.pass(4_800);
        assertNotNull(ada.read().view.get(bob.member().id()));
        lobby.pass(200);
        assertNull(ada.read().view.get(bob.member().id()));
    }

    @Test
    void whoReturnsWithinItsGraceStays() {
        ada.join();
        bob.join().read();
        bob.send(new UpFrame.Bye(5_000));
        lobby.pass(3_000);
        assertTrue(bob.connect());
        lobby.pass(200_000);
        assertFalse(record(bob).away());
    }

    @Test
    void aGraceIsNoLongerThanThePatienceWithEverybody() {
        ada.join();
        bob.join();
        bob.send(new UpFrame.Bye(Long.MAX_VALUE >> 11));
        lobby.pass(120_000);
        assertEquals(Set.of(), ada.read().view.keySet());
    }

    @Test
    void anIdIsNeverTakenByAGhost() {
        // The server has not noticed that Bob's page died; the reloaded page is in at once.
        ada.join();
        bob.join().read();
        RoomFixture.Socket ghost = bob.socket;
        bob.incarnation = 2;
        bob.number = 0;
        bob.join();
        assertEquals(ErrorCode.REPLACED, ended(ghost).code());
        assertEquals(2, record(bob).member().incarnation());
        assertFalse(record(bob).away());
    }

    private static Ending ended(RoomFixture.Socket socket) {
        Ending why = socket.ended;
        if (why == null) throw new AssertionError("still open");
        return why;
    }

    @Test
    void anOlderIncarnationIsRefusedAndTheNewerStays() {
        bob.incarnation = 5;
        bob.join();
        RoomFixture.Socket newer = bob.socket;
        bob.incarnation = 4;
        assertFalse(bob.connect());
        assertEquals(ErrorCode.REPLACED, bob.refused == null ? null : bob.refused.code());
        assertNull(newer.ended);
    }

    @Test
    void framesToAnOlderIncarnationStillReachTheId() {
        ada.join();
        bob.join();
        bob.incarnation = 2;
        bob.number = 0;
        bob.join();
        bob.incarnation = 1;
        ada.say("to the first", bob.member());
        EntryBody last = bob.read().read.getLast();
        assertEquals(new EntryBody.Envelope(ada.member(), 1, Bytes.utf8("to the first")), last);
    }

    @Test
    void whatStillComesOnAReplacedCarrierIsIgnored() {
        ada.join();
        bob.join().read();
        Attachment older = bob.attachment();
        assertTrue(bob.connect());
        UpFrame late = new UpFrame.Up(1, new UpBody.Envelope(0, Bytes.utf8("late")));
        assertNull(lobby.room.receive(older, List.of(late), 10, lobby.now));
        lobby.room.closed(older, lobby.now);
        lobby.pass(10_000);
        assertFalse(record(bob).away(), "the newer carrier is still there");
        bob.say("first", ada.member());
        assertEquals(List.of("first"), ada.read().heard());
    }

    @Test
    void oneBodyIsHeldOnceForAllWhoGetIt() {
        for (Peer peer : List.of(ada, bob, eve)) peer.join();
        ada.say("x".repeat(1_000), bob.member(), eve.member());
        assertSame(lastEntry(bob).body(), lastEntry(eve).body());
        assertEquals(bob.read().heard(), eve.read().heard());
    }

    private LogEntry lastEntry(Peer peer) {
        Seat seat = lobby.room.seat(peer.member().id());
        if (seat == null) throw new AssertionError(peer.name + " has no seat");
        List<LogEntry> entries = new ArrayList<>();
        seat.mailbox().read(0, (_, entry) -> entries.add(entry));
        return entries.getLast();
    }

    @Test
    void aDatagramGoesToThoseWhoAreHereAndIsNotKept() {
        ada.join();
        bob.join().read();
        eve.join().read();
        bob.read();
        eve.cut();
        int wakes = bob.socket.wakes;
        UpFrame.Bind both = new UpFrame.Bind(3, List.of(bob.member(), eve.member()));
        assertNull(ada.send(both, new UpFrame.Datagram(3, Bytes.utf8("now"))));
        assertTrue(bob.socket.wakes > wakes);
        Bytes packet = bob.attachment().reader().next(lobby.now);
        assertEquals(new DownFrame.Datagram(ada.member(), 1, Bytes.utf8("now")).encode(), packet);
        assertTrue(eve.connect());
        assertNull(eve.attachment().reader().next(lobby.now));
    }

    @Test
    void aFullRoomRefusesTheNextButNotAReturn() {
        RoomLimits two =
                new RoomLimits(
                        1,
                        2,
                        1 << 20,
                        100,
                        1 << 20,
                        RoomLimits.DEFAULT.awayAfter(),
                        RoomLimits.DEFAULT.leftAfter());
        RoomFixture small = new RoomFixture(two);
        small.peer("a").join();
        Peer second = small.peer("b").join().read();
        Peer third = small.peer("c");
        assertFalse(third.connect());
        assertEquals(ErrorCode.ROOM_FULL, third.refused == null ? null : third.refused.code());
        second.cut();
        assertTrue(second.connect());
    }

    @Test
    void theEmptyRoomHoldsNothing() {
        ada.join();
        bob.join();
        ada.say("hello", bob.member());
        ada.send(new UpFrame.Bye(0));
        bob.cut();
        lobby.pass(120_000);
        assertTrue(lobby.room.isEmpty());
        assertEquals(0, lobby.budget.used());
        assertEquals(Long.MAX_VALUE, lobby.room.deadlineMillis());
    }
}
