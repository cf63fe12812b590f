package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.signaling.rooms.HttpClientPeer.Answer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** docs/protocol.md, section 6, sentence by sentence: polls, and the way up by POST. */
@Timeout(60)
final class LinkOverHttpTest {
    private final LinkServer server = LinkServer.open();
    private final HttpClientPeer ada = new HttpClientPeer(server, "lobby", "ada");
    private final HttpClientPeer bob = new HttpClientPeer(server, "lobby", "bob");

    @AfterEach
    void stop() {
        server.close();
    }

    private void join() {
        ada.join();
        bob.join();
        ada.poll();
    }

    @Test
    void twoThatPollTalk() {
        Answer welcome = ada.join();
        assertFalse(welcome.get(Welcome.class).resumed());
        assertEquals("application/vnd.peerline.packet", welcome.header("Content-Type"));
        assertEquals("no-store, no-transform", welcome.header("Cache-Control"));
        assertEquals("2000", welcome.header("Peerline-Poll-After"));
        bob.join();
        Answer said = ada.say("hello", bob.member());
        assertEquals(200, said.status());
        assertEquals(List.of(new DownFrame.UpAck(1)), said.frames());
        assertEquals(List.of("hello"), bob.hear(1));
    }

    /** The clock must not end a poll before its mailbox was looked into. */
    @Test
    void aPollAtADoorThatTakesItsTimeBringsAllThereIs() {
        LinkServer.OpenDoor thinking =
                new LinkServer.OpenDoor() {
                    @Override
                    public Decision admit(Visitor visitor, Request request) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
                        return super.admit(visitor, request);
                    }
                };
        try (LinkServer slow = new LinkServer(thinking, RoomLimits.DEFAULT, LinkLimits.DEFAULT)) {
            Answer welcome = new HttpClientPeer(slow, "lobby", "eve").join();
            assertNotNull(welcome.find(Welcome.class));
            assertNotNull(welcome.find(DownFrame.Entry.class), welcome.frames().toString());
        }
    }

    @Test
    void whatIsPolledWithNothingToSayIsAnsweredWithoutABody() {
        join();
        Answer nothing = ada.poll();
        assertEquals(204, nothing.status());
        assertEquals("2000", nothing.header("Peerline-Poll-After"));
        assertEquals("no-store, no-transform", nothing.header("Cache-Control"));
    }

    @Test
    void aPollThatWasNotWelcomedIsAnsweredAtOnceWithWelcome() {
        join();
        ada.welcomed = false;
        Welcome again = ada.longPoll(30).get(Welcome.class);
        assertTrue(again.resumed());
        assertEquals(ada.cursor, again.cursor());
    }

    @Test
    void aLongPollIsAnsweredAsSoonAsThereIsSomething() {
        join();
        CompletableFuture<Answer> parked = bob.parkedPoll(30);
        ada.say("at last", bob.member());
        Answer answer = bob.read(parked.join());
        assertEquals(List.of("at last"), bob.heard);
        assertNull(answer.find(Welcome.class));
        assertEquals("", answer.header("Peerline-Poll-After"));
    }

    @Test
    void aLongPollWhoseTimeIsOverHasNoBody() {
        join();
        assertEquals(204, bob.longPoll(1).status());
    }

    @Test
    void theWaitIsANumberOfSeconds() {
        join();
        assertEquals("400 BAD_FRAME", bob.ask("?wait=soon", bob.greeting()).refusal());
        assertEquals("400 BAD_FRAME", bob.ask("?wait=-1", bob.greeting()).refusal());
        assertEquals(204, bob.ask("?wait=0", bob.greeting()).status());
    }

    @Test
    void anAnswerThatWasLostIsGivenAgain() {
        join();
        ada.say("one", bob.member());
        bob.ask("", bob.greeting());
        ada.say("two", bob.member());
        bob.ask("?wait=5", bob.greeting());
        bob.poll();
        assertEquals(List.of("one", "two"), bob.heard);
        bob.poll();
        assertEquals(0, server.metrics.of(Counter.GAPS).sum());
    }

    @Test
    void aPollThatAGoodbyeOvertookDoesNotBringItsPeerBack() {
        join();
        String late = bob.greeting();
        bob.post(new UpFrame.Bye(10_000));
        assertEquals("200 OVERTAKEN", bob.ask("", late).refusal());
        ada.longPoll(5);
        assertEquals(1, server.rooms.gauges().peersAway());
        // Its page is shown again.
        bob.poll();
        assertEquals(0, server.rooms.gauges().peersAway());
    }

    @Test
    void theCursorOfAPollAcknowledges() {
        join();
        ada.say("one", bob.member());
        assertTrue(server.rooms.gauges().mailboxBytes() > 0);
        bob.hear(1);
        bob.poll();
        ada.poll();
        ada.poll();
        assertEquals(0, server.rooms.gauges().mailboxBytes());
    }

    @Test
    void aRetriedPostDoublesNothing() {
        join();
        Bytes packet =
                HttpClientPeer.packet(ada.hello(ada.attempt, 1), ada.saying("once", bob.member()));
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of(new DownFrame.UpAck(1)), ada.postPacket(packet).frames());
        }
        ada.say("twice", bob.member());
        assertEquals(List.of("once", "twice"), bob.hear(2));
        assertEquals(204, bob.poll().status());
    }

    @Test
    void numbersAboveAHoleAreDroppedAndNotRefused() {
        join();
        ada.number = 4;
        Answer answer = ada.say("too soon", bob.member());
        assertEquals(200, answer.status());
        assertEquals(List.of(new DownFrame.UpAck(0)), answer.frames());
        ada.number = 0;
        ada.say("in time", bob.member());
        assertEquals(List.of("in time"), bob.hear(1));
    }

    @Test
    void aLatePostOfASessionThatBeganAnewSinceSaysNothing() {
        join();
        Cursor now = Objects.requireNonNull(ada.cursor);
        ada.cursor = new Cursor(now.epoch() ^ 1, now.offset());
        Answer late = ada.say("of before", bob.member());
        assertEquals(List.of(new DownFrame.UpAck(0)), late.frames());
        ada.cursor = now;
        ada.number = 0;
        ada.say("of now", bob.member());
        assertEquals(List.of("of now"), bob.hear(1));
    }

    @Test
    void aPostNeverBeginsASession() {
        ada.attempt = 1;
        assertEquals("200 NO_SESSION", ada.say("hello").refusal());
        bob.join();
        assertEquals("200 NO_SESSION", ada.say("hello").refusal());
        ada.join();
        ada.incarnation = 2;
        assertEquals("200 NO_SESSION", ada.say("hello").refusal());
        ada.cursor = null;
        ada.welcomed = false;
        ada.join();
        ada.incarnation = 1;
        assertEquals("409 REPLACED", ada.say("hello").refusal());
        assertEquals("409 REPLACED", ada.ask("", ada.greeting()).refusal());
    }

    @Test
    void aPostNeverTakesOverTheReading() {
        join();
        CompletableFuture<Answer> parked = bob.parkedPoll(30);
        bob.attempt += 10;
        bob.say("from bob", ada.member());
        ada.say("to bob", bob.member());
        bob.read(parked.join());
        assertEquals(List.of("to bob"), bob.heard);
        assertEquals(List.of("from bob"), ada.hear(1));
    }

    @Test
    void whatAPostSaysThatANewCarrierOvertookStillCountsButItsGoodbyeDoesNot() {
        join();
        long before = ada.attempt;
        ada.poll();
        UpFrame[] frames = ada.saying("late but said", bob.member());
        UpFrame[] all = {frames[0], frames[1], new UpFrame.Bye(0)};
        Answer late = ada.postPacket(HttpClientPeer.packet(ada.hello(before, ++ada.post), all));
        assertEquals(List.of(new DownFrame.UpAck(1)), late.frames());
        assertEquals(List.of("late but said"), bob.hear(1));
        assertEquals(2, server.rooms.gauges().peersHere());
        ada.post(new UpFrame.Bye(0));
        assertEquals(1, server.rooms.gauges().peersHere());
        assertEquals("200 NO_SESSION", ada.post(new UpFrame.Bye(0)).refusal());
    }

    @Test
    void aRequestThatWasUnderWayWhenItsPeerLeftDoesNotBringItBack() {
        join();
        String late = ada.greeting();
        ada.poll();
        String later = ada.greeting();
        ada.post(new UpFrame.Bye(0));
        assertEquals(1, server.rooms.gauges().peersHere());
        assertEquals("200 OVERTAKEN", ada.ask("", late).refusal());
        assertEquals("200 OVERTAKEN", ada.ask("", later).refusal());
        assertEquals(1, server.rooms.gauges().peersHere());
    }

    @Test
    void anAcknowledgementOfAnotherEpochCountsForNothing() {
        join();
        ada.say("kept", bob.member());
        Cursor now = Objects.requireNonNull(bob.cursor);
        UpFrame acknowledgement = new UpFrame.Ack(0, now.offset() + 1);
        bob.cursor = new Cursor(now.epoch() ^ 1, now.offset());
        assertEquals(200, bob.post(acknowledgement).status());
        bob.cursor = now;
        assertEquals(List.of("kept"), bob.hear(1));
        assertEquals("400 BAD_FRAME", bob.post(new UpFrame.Ack(0, 1_000)).refusal());
    }

    @Test
    void datagramsWaitForTheNextPollAndAreNeverDoubled() {
        join();
        UpFrame[] loose = {
            new UpFrame.Bind(3, List.of(bob.member())), new UpFrame.Datagram(3, Bytes.utf8("loose"))
        };
        Bytes packet = HttpClientPeer.packet(ada.hello(ada.attempt, 7), loose);
        ada.postPacket(packet);
        ada.postPacket(packet);
        Answer answer = bob.poll();
        assertEquals(1, answer.frames().size(), answer.frames().toString());
        assertEquals(Bytes.utf8("loose"), answer.get(DownFrame.Datagram.class).frames());
        assertEquals(204, bob.poll().status());
    }

    @Test
    void aPingIsAnsweredByTheWayDown() {
        join();
        CompletableFuture<Answer> parked = ada.parkedPoll(30);
        Answer up = ada.post(new UpFrame.Ping(Bytes.utf8("round")));
        assertNull(up.find(DownFrame.Pong.class));
        assertEquals(Bytes.utf8("round"), parked.join().get(DownFrame.Pong.class).probe());
        ada.post(new UpFrame.Ping(Bytes.utf8("later")));
        assertEquals(Bytes.utf8("later"), ada.poll().get(DownFrame.Pong.class).probe());
    }

    @Test
    void aHelloThatWasOvertakenIsRefused() {
        join();
        String overtaken = ada.greeting();
        ada.poll();
        assertEquals("200 OVERTAKEN", ada.ask("", overtaken).refusal());
    }

    @Test
    void aNewerPollEndsTheOlder() {
        join();
        CompletableFuture<Answer> older = bob.parkedPoll(30);
        Eventually.until("one is open", () -> server.metrics.open(CarrierKind.LONG_POLL) > 0);
        CompletableFuture<Answer> newer = bob.parkedPoll(30);
        assertEquals(204, older.join().status());
        ada.say("to the newer", bob.member());
        bob.read(newer.join());
        assertEquals(List.of("to the newer"), bob.heard);
    }

    @Test
    void othersSeeTheKindAndWhenItChangesButNotEachPoll() {
        join();
        PeerRecord seen = rosterOf(bob).getFirst();
        assertEquals(CarrierKind.POLL, seen.carrier());
        for (int i = 0; i < 3; i++) ada.poll();
        assertEquals(204, bob.poll().status());
        ada.longPoll(1);
        EntryBody.Presence presence = presence(bob.poll());
        assertEquals(Change.CARRIER, presence.change());
        assertEquals(CarrierKind.LONG_POLL, presence.peer().carrier());
        assertFalse(presence.peer().away());
    }

    private static List<PeerRecord> rosterOf(HttpClientPeer peer) {
        peer.cursor = null;
        peer.welcomed = false;
        for (DownFrame frame : peer.join().frames()) {
            if (frame instanceof DownFrame.Entry(_, _, EntryBody.Roster(var peers))) return peers;
        }
        throw new AssertionError("no roster");
    }

    private static EntryBody.Presence presence(Answer answer) {
        for (DownFrame frame : answer.frames()) {
            if (frame instanceof DownFrame.Entry(_, _, EntryBody.Presence told)) return told;
        }
        throw new AssertionError("no presence in " + answer.frames());
    }

    @Test
    void aClientThatGoesAwayWhileItWaitsIsNoticed() {
        join();
        EventStream stream = EventStream.of(ada, server.httpUri());
        assertEquals(200, stream.status);
        stream.close();
        Eventually.until("all are closed", () -> server.metrics.open(CarrierKind.SSE) == 0);
        bob.poll();
        RawConnection parked = new RawConnection(server.httpUri());
        parked.get("?wait=30", "Peerline-Hello: " + bob.greeting());
        Eventually.until("one is open", () -> server.metrics.open(CarrierKind.LONG_POLL) > 0);
        parked.close();
        Eventually.until("all are closed", () -> server.metrics.open(CarrierKind.LONG_POLL) == 0);
        assertEquals(0, server.handler.connections());
    }

    @Test
    void manyClientsMayComeOverOneConnectionOfAProxy() {
        join();
        try (RawConnection proxy = new RawConnection(server.httpUri())) {
            for (int i = 0; i < 5; i++) {
                ada.say("number " + i, bob.member());
                bob.read(proxy.get("?wait=5", "Peerline-Hello: " + bob.greeting()).answer());
                ada.read(proxy.get("", "Peerline-Hello: " + ada.greeting()).answer());
                Bytes packet = HttpClientPeer.packet(bob.hello(bob.attempt, ++bob.post));
                assertEquals(200, proxy.post(packet).answer().status());
            }
            assertEquals(5, bob.heard.size());
        }
    }

    @Test
    void whatIsAskedBehindAParkedPollIsAnsweredAfterIt() {
        join();
        try (RawConnection pipe = new RawConnection(server.httpUri())) {
            pipe.get("?wait=30", "Peerline-Hello: " + bob.greeting());
            Eventually.until("one is open", () -> server.metrics.open(CarrierKind.LONG_POLL) > 0);
            pipe.get("", "Peerline-Hello: " + ada.greeting());
            ada.say("first", bob.member());
            bob.read(pipe.answer());
            assertEquals(List.of("first"), bob.heard);
            // Overtaken by nobody: ada's own poll came second, and is answered second.
            assertTrue(pipe.answer().status() < 300);
        }
    }

    @Test
    void aSessionGoesFromOneKindToAnyOtherWithNothingLost() {
        try (Client carol = new Client(server, "lobby", "carol", 1)) {
            ada.join();
            carol.join();
            ada.say("by socket", carol.member());
            assertEquals("by socket", carol.awaitText());
            carol.cut();
            HttpClientPeer polling = new HttpClientPeer(server, "lobby", "carol");
            polling.cursor = carol.cursor;
            polling.attempt = carol.attempt;
            ada.say("by poll", carol.member());
            assertEquals(List.of("by poll"), polling.hear(1));
            ada.say("by stream", carol.member());
            try (EventStream stream = EventStream.of(polling, server.httpUri())) {
                stream.hear(polling, 2);
                ada.say("by stream too", carol.member());
                stream.hear(polling, 3);
                carol.cursor = polling.cursor;
                carol.attempt = polling.attempt;
                ada.say("by socket again", carol.member());
                assertTrue(carol.join().resumed());
                assertEquals("by socket again", carol.awaitText());
                while (!stream.next().isEmpty()) assertNotNull(stream);
            }
            assertEquals(List.of("by poll", "by stream", "by stream too"), polling.heard);
        }
    }
}
