package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;

/** Asks an idle peer whether it is there (RFC 9260 §8.3). Not thread-safe. */
final class Heartbeat {
    private static final int CHUNK_BYTES = 24;

    private final long intervalNanos;
    private final long maxRtoNanos;
    private final long nonce;
    private long deadline = Long.MAX_VALUE;
    private boolean due;
    private boolean unanswered;
    private int misses;

    Heartbeat(long intervalNanos, long maxRtoNanos, long nonce) {
        this.intervalNanos = intervalNanos;
        this.maxRtoNanos = maxRtoNanos;
        this.nonce = nonce;
    }

    /** The association is up, or something was acknowledged: the path is not idle. */
    void onPeerAlive(long nowNanos) {
        misses = 0;
        unanswered = false;
        deadline = nowNanos + intervalNanos;
    }

    /** Asks now: the owner wants to know, or the path has changed. */
    void request() {
        due = true;
    }

    long deadlineNanos() {
        return deadline;
    }

    /** Heartbeats in a row without an answer. */
    int misses() {
        return misses;
    }

    void advance(long nowNanos) {
        if (deadline > nowNanos) return;
        if (unanswered) misses++;
        due = true;
        deadline = nowNanos + intervalNanos;
    }

    boolean isDue() {
        return due;
    }

    void write(PacketWriter out, long nowNanos, long rtoNanos) {
        if (!due || out.remaining() < CHUNK_BYTES) return;
        SimpleChunks.writeHeartbeat(out, nonce, nowNanos);
        due = false;
        unanswered = true;
        // §8.3: an unanswered one is followed by the next after an RTO, "and exponential backoff of
        // the RTO if the previous HEARTBEAT chunk is unanswered".
        long backedOff = Math.min(maxRtoNanos, rtoNanos << Math.min(misses, 16));
        deadline = nowNanos + Math.min(intervalNanos, backedOff);
    }

    /** The round trip that a HEARTBEAT ACK tells, or -1 when it answers none of ours. */
    long onAck(ChunkCursor chunk, long nowNanos) {
        long sent = SimpleChunks.heartbeatSentNanos(chunk, nonce);
        if (sent == Long.MIN_VALUE || sent > nowNanos) return -1;
        onPeerAlive(nowNanos);
        return nowNanos - sent;
    }
}
