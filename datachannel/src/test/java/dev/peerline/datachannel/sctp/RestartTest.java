package dev.peerline.datachannel.sctp;

import static dev.peerline.datachannel.sctp.LoneAssociation.MILLIS;
import static dev.peerline.datachannel.sctp.LoneAssociation.PEER_TAG;
import static dev.peerline.datachannel.sctp.LoneAssociation.PEER_TSN;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.Message;
import dev.peerline.datachannel.sctp.AssociationEvent.Restarted;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/** The peer's process has begun anew, behind the same path (RFC 9260 §5.2.4 A). */
final class RestartTest {
    private final LoneAssociation lone = new LoneAssociation();
    private final Association again = new Association(SctpConfig.defaults(), 9);

    /** The peer that has begun anew; it has been answered, and its COOKIE ECHO is on its way. */
    private byte[] cookieEcho() {
        again.connect(lone.now);
        RawPeer.receive(lone.association, only(again), lone.now);
        byte[] initAck = lone.only();
        assertEquals(List.of(ChunkType.INIT_ACK), RawPeer.types(initAck));
        RawPeer.receive(again, initAck, lone.now);
        return only(again);
    }

    private byte[] only(Association from) {
        List<byte[]> packets = RawPeer.transmit(from, lone.now);
        assertEquals(1, packets.size());
        return packets.getFirst();
    }

    private void give(byte[] packet) {
        RawPeer.receive(lone.association, packet, lone.now);
    }

    /** Its COOKIE ECHO is taken, and it gets the answer. */
    private void restart() {
        give(cookieEcho());
        byte[] cookieAck = lone.only();
        assertEquals(List.of(ChunkType.COOKIE_ACK), RawPeer.types(cookieAck));
        RawPeer.receive(again, cookieAck, lone.now);
        assertEquals(State.ESTABLISHED, again.state());
    }

    private boolean hasRestarted() {
        return lone.events().stream().anyMatch(Restarted.class::isInstance);
    }

    /** "the endpoint … its congestion control parameters … to their initial values". */
    @Test
    void forgetsWhatWasUnderWay() {
        lone.send(1, 10_000);
        lone.association.probe();
        lone.answerHeartbeat(70 * MILLIS);
        lone.send(1, 100_000);
        lone.sent();
        restart();
        AssociationStats stats = lone.association.stats();
        assertEquals(0, stats.queuedBytes());
        assertEquals(0, stats.outstandingChunks());
        assertEquals(0, stats.smoothedRttNanos());
        assertTrue(hasRestarted());
        assertEquals(lone.now + 30_000 * MILLIS, lone.association.deadlineNanos());
    }

    /** Answers that wait for the old association do not go to the new one. */
    @Test
    void answersTheNewPeerNothingThatTheOldOneAsked() {
        byte[] echo = cookieEcho();
        lone.give(LoneAssociation::heartbeat);
        give(echo);
        assertEquals(List.of(ChunkType.COOKIE_ACK), lone.sentTypes());
    }

    /** What the application has not taken is in memory, and shuts the new peer out as well. */
    @Test
    void holdsWhatWasNotTakenAgainstTheNewWindow() {
        lone.give(out -> LoneAssociation.data(out, PEER_TSN, 1, 0, 1000));
        lone.give(out -> LoneAssociation.data(out, PEER_TSN + 1, 1, 1, 500));
        lone.sent();
        long held = lone.association.stats().heldBytes();
        assertEquals(1500 + 2 * 64, held);
        restart();
        assertEquals(held, lone.association.stats().heldBytes());
        assertEquals(2, lone.events().stream().filter(Message.class::isInstance).count());
        assertEquals(0, lone.association.stats().heldBytes());
        again.send(1, new byte[7], Options.reliable(53));
        give(only(again));
        assertEquals(1, lone.events().size());
        assertEquals(0, lone.association.stats().heldBytes());
    }

    /** §5.2.4: "SHUTDOWN ACK" instead, while the old association is about to end. */
    @Test
    void doesNotBeginAnewWhileItShutsDown() {
        byte[] echo = cookieEcho();
        lone.give(out -> SimpleChunks.writeShutdown(out, lone.tsn - 1));
        assertEquals(List.of(ChunkType.SHUTDOWN_ACK), lone.sentTypes());
        give(echo);
        byte[] answer = lone.only();
        assertEquals(List.of(ChunkType.SHUTDOWN_ACK), RawPeer.types(answer));
        assertEquals(PEER_TAG, RawPeer.tag(answer));
        assertFalse(hasRestarted());
    }

    /** The same with more behind the cookie: none of it is the old association's. */
    private byte[] withHeartbeat(byte[] echo) {
        byte[] heartbeat = RawPeer.packet(0, LoneAssociation::heartbeat);
        byte[] both = Arrays.copyOf(echo, echo.length + heartbeat.length - PacketHeader.BYTES);
        System.arraycopy(
                heartbeat,
                PacketHeader.BYTES,
                both,
                echo.length,
                heartbeat.length - PacketHeader.BYTES);
        return RawPeer.sealed(both);
    }

    @Test
    void readsNoFurtherThanACookieThatItDoesNotTake() {
        byte[] echo = withHeartbeat(cookieEcho());
        lone.give(out -> SimpleChunks.writeShutdown(out, lone.tsn - 1));
        lone.sent();
        give(echo);
        assertEquals(List.of(ChunkType.SHUTDOWN_ACK), lone.sentTypes());
    }

    /** C, by the tie-tags: of a cookie made before another restart nothing comes. */
    @Test
    void takesNoCookieOfBeforeTheLastRestart() {
        byte[] first = withHeartbeat(cookieEcho());
        Association third = new Association(SctpConfig.defaults(), 17);
        third.connect(lone.now);
        RawPeer.receive(lone.association, only(third), lone.now);
        RawPeer.receive(third, lone.only(), lone.now);
        give(only(third));
        lone.sent();
        assertTrue(hasRestarted());
        give(first);
        assertTrue(lone.sent().isEmpty());
        assertFalse(hasRestarted());
    }

    @Test
    void readsNoFurtherThanAStaleCookie() {
        byte[] echo = withHeartbeat(cookieEcho());
        lone.now += 61_000 * MILLIS;
        give(echo);
        assertEquals(List.of(ChunkType.ERROR), lone.sentTypes());
        assertFalse(hasRestarted());
    }

    /** What comes behind a cookie that is taken belongs to the new association. */
    @Test
    void readsOnBehindACookieThatItTakes() {
        give(withHeartbeat(cookieEcho()));
        assertEquals(List.of(ChunkType.COOKIE_ACK, ChunkType.HEARTBEAT_ACK), lone.sentTypes());
    }
}
