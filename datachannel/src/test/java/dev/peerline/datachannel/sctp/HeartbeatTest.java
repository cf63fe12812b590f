package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;

import org.junit.jupiter.api.Test;

/** When an idle peer is asked, and what its answer tells (RFC 9260 §8.3). */
final class HeartbeatTest {
    private static final long INTERVAL = 30_000;
    private static final long MAX_RTO = 10_000;
    private static final long RTO = 200;
    private static final long NONCE = 42;
    private static final int BYTES = 24;

    private final Heartbeat heartbeat = new Heartbeat(INTERVAL, MAX_RTO, NONCE);

    /** Writes it into so much room, and reads what was written. */
    private ChunkCursor write(long now, int room) {
        byte[] packet = new byte[100];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, PacketHeader.BYTES + room);
        heartbeat.write(out, now, RTO);
        return new ChunkCursor().wrap(packet, PacketHeader.BYTES, out.length());
    }

    private void ask(long now) {
        assertTrue(write(now, BYTES).next());
    }

    private static ChunkCursor ack(long nonce, long sent) {
        byte[] packet = new byte[100];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        SimpleChunks.writeHeartbeat(out, nonce, sent);
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, out.length());
        assertTrue(cursor.next());
        return cursor;
    }

    @Test
    void asksAPeerThatWasIdleForAnInterval() {
        assertEquals(Long.MAX_VALUE, heartbeat.deadlineNanos());
        heartbeat.onPeerAlive(100);
        assertEquals(100 + INTERVAL, heartbeat.deadlineNanos());
        heartbeat.onPeerAlive(500);
        assertEquals(500 + INTERVAL, heartbeat.deadlineNanos());
        heartbeat.advance(499 + INTERVAL);
        assertFalse(heartbeat.isDue());
        assertFalse(write(499 + INTERVAL, BYTES).next());
        heartbeat.advance(500 + INTERVAL);
        assertTrue(heartbeat.isDue());
        assertEquals(500 + 2 * INTERVAL, heartbeat.deadlineNanos());
        assertEquals(0, heartbeat.misses());
    }

    @Test
    void asksAtOnceWhenItIsToldTo() {
        heartbeat.onPeerAlive(0);
        heartbeat.request();
        assertTrue(heartbeat.isDue());
        ask(7);
        assertFalse(heartbeat.isDue());
        assertEquals(7 + RTO, heartbeat.deadlineNanos());
    }

    @Test
    void waitsForAPacketWithRoom() {
        heartbeat.request();
        assertFalse(write(5, BYTES - 1).next());
        assertTrue(heartbeat.isDue());
        ChunkCursor chunk = write(5, BYTES);
        assertTrue(chunk.next());
        assertEquals(ChunkType.HEARTBEAT, chunk.type());
        assertEquals(5, SimpleChunks.heartbeatSentNanos(chunk, NONCE));
    }

    /** "exponential backoff of the RTO if the previous HEARTBEAT chunk is unanswered". */
    @Test
    void backsOffWhileThereIsNoAnswer() {
        heartbeat.onPeerAlive(0);
        long now = INTERVAL;
        heartbeat.advance(now);
        long[] waits = {200, 400, 800, 1600, 3200, 6400, MAX_RTO, MAX_RTO};
        for (int i = 0; i < waits.length; i++) {
            assertEquals(i, heartbeat.misses());
            ask(now);
            assertEquals(now + waits[i], heartbeat.deadlineNanos());
            now = heartbeat.deadlineNanos();
            heartbeat.advance(now);
        }
        assertEquals(now - 1, heartbeat.onAck(ack(NONCE, 1), now));
        assertEquals(0, heartbeat.misses());
        ask(now);
        assertEquals(now + RTO, heartbeat.deadlineNanos());
    }

    /** An interval shorter than the RTO is kept. */
    @Test
    void waitsNoLongerThanTheInterval() {
        Heartbeat quick = new Heartbeat(150, MAX_RTO, NONCE);
        quick.request();
        PacketWriter out = new PacketWriter();
        out.begin(new byte[100], 0, 100);
        quick.write(out, 10, RTO);
        assertEquals(160, quick.deadlineNanos());
    }

    @Test
    void anAnswerTellsTheRoundTrip() {
        heartbeat.onPeerAlive(0);
        heartbeat.request();
        ask(1000);
        assertEquals(70, heartbeat.onAck(ack(NONCE, 1000), 1070));
        assertEquals(1070 + INTERVAL, heartbeat.deadlineNanos());
        heartbeat.advance(1070 + INTERVAL);
        assertEquals(0, heartbeat.misses());
        assertEquals(0, heartbeat.onAck(ack(NONCE, 2000), 2000));
    }

    /** Another association's, or one that was sent in the future, is no answer. */
    @Test
    void takesNoAnswerThatIsNotOurs() {
        heartbeat.onPeerAlive(0);
        assertEquals(-1, heartbeat.onAck(ack(NONCE + 1, 1000), 1070));
        assertEquals(-1, heartbeat.onAck(ack(NONCE, 1071), 1070));
        assertEquals(INTERVAL, heartbeat.deadlineNanos());
    }

    /** A peer that was heard, or has begun anew, owes no answers. */
    @Test
    void countsAfreshWhenThePeerWasHeard() {
        heartbeat.onPeerAlive(0);
        for (long now = 0; heartbeat.misses() < 3; now = heartbeat.deadlineNanos()) {
            heartbeat.advance(now);
            if (heartbeat.isDue()) ask(now);
        }
        heartbeat.onPeerAlive(100_000);
        assertEquals(0, heartbeat.misses());
        heartbeat.advance(100_000 + INTERVAL);
        assertEquals(0, heartbeat.misses());
    }
}
