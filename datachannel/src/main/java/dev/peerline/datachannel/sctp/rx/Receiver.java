package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * Takes DATA, hands out whole messages, and says when and what to acknowledge. Not thread-safe.
 *
 * <p>Bounded: what is held counts against the advertised window, which is why an application that
 * takes nothing stops the peer.
 */
public final class Receiver {
    /**
     * What the handshake has settled, and the owner's limits.
     *
     * @param maxMessageBytes a longer message ends the association
     * @param initialWindowBytes the first a_rwnd; grows with the path
     * @param maxWindowBytes what it may grow to
     */
    public record Settings(
            int initialTsn,
            boolean interleaving,
            int maxMessageBytes,
            long initialWindowBytes,
            long maxWindowBytes,
            long sackDelayNanos) {}

    /** RFC 9260 §6.2: "an acknowledgement SHOULD be generated for at least every second packet". */
    private static final int PACKETS_A_SACK = 2;

    private final TsnTracker tracker;
    private final ReceiveWindow window;
    private final Inbox inbox;
    private final Reassembly reassembly;
    private final long sackDelayNanos;
    private boolean sackDue;
    private long sackDeadline = Long.MAX_VALUE;
    private int unackedPackets;
    private boolean packetHasData;
    private boolean packetIsUrgent;
    private long duplicateChunks;
    private long droppedChunks;

    public Receiver(Settings settings, Consumer<ReceivedMessage> delivery) {
        tracker = new TsnTracker(settings.initialTsn);
        window = new ReceiveWindow(settings.initialWindowBytes, settings.maxWindowBytes);
        inbox = new Inbox(settings.interleaving, window, delivery);
        int max = settings.maxMessageBytes;
        reassembly =
                settings.interleaving
                        ? new InterleavedReassembly(inbox, window, max)
                        : new DataReassembly(inbox, window, max);
        sackDelayNanos = settings.sackDelayNanos;
    }

    /** A DATA or I-DATA chunk, well-formed by itself; null when there is nothing wrong with it. */
    public @Nullable Fault onData(DataFields data, byte[] packet, long nowNanos) {
        packetHasData = true;
        if (data.immediate()) packetIsUrgent = true;
        long tsn = tracker.unwrap(data.tsn());
        if (tracker.wasReceived(tsn)) {
            // RFC 9260 §6.2: duplicates are reported at once, their sender may be waiting.
            duplicateChunks++;
            tracker.addDuplicate(data.tsn());
            packetIsUrgent = true;
            return null;
        }
        if (tracker.isTooFar(tsn) || !hasRoomFor(tsn)) {
            droppedChunks++;
            packetIsUrgent = true;
            return window.isExhausted() ? Fault.OUT_OF_MEMORY : null;
        }
        window.onReceived(data.payloadLength(), nowNanos);
        tracker.add(tsn);
        return reassembly.add(data, packet, tsn);
    }

    /**
     * When the window is full, only what may make room is taken: what fills a hole, or, if the
     * application has taken everything that is whole, what may make another message whole.
     */
    private boolean hasRoomFor(long tsn) {
        if (!window.isFull()) return true;
        if (window.isExhausted()) return false;
        return tsn < tracker.highestTsn() || inbox.undelivered() == 0;
    }

    /** A chunk of a stream that does not exist: acknowledged, and nothing else. */
    public void ignore(int wireTsn) {
        packetHasData = true;
        long tsn = tracker.unwrap(wireTsn);
        if (!tracker.wasReceived(tsn) && !tracker.isTooFar(tsn)) tracker.add(tsn);
    }

    /** All chunks of a packet were seen: is it time for a SACK? */
    public void onPacketEnd(long nowNanos) {
        if (!packetHasData) return;
        packetHasData = false;
        unackedPackets++;
        // RFC 9260 §6.7: "SHOULD send a SACK for every packet while there is a gap".
        if (packetIsUrgent || tracker.hasGaps() || unackedPackets >= PACKETS_A_SACK) sackDue = true;
        else if (sackDeadline == Long.MAX_VALUE) sackDeadline = nowNanos + sackDelayNanos;
        packetIsUrgent = false;
    }

    /** FORWARD TSN or I-FORWARD-TSN. */
    public void onForwardTsn(ForwardTsnChunk chunk) {
        packetHasData = true;
        packetIsUrgent = true;
        long tsn = tracker.unwrap(chunk.newCumulativeTsn());
        // RFC 3758 §3.6: out of date is answered by a SACK, as the last one was perhaps lost.
        if (tsn <= tracker.cumulativeTsn() || tracker.isTooFar(tsn)) return;
        tracker.forwardTo(tsn);
        reassembly.abandon(tsn, chunk.skipped());
        for (Skipped skipped : chunk.skipped())
            if (!skipped.unordered())
                inbox.skip(inbox.stream(skipped.streamId()), skipped.messageId());
    }

    public void advance(long nowNanos) {
        if (sackDeadline <= nowNanos) {
            sackDeadline = Long.MAX_VALUE;
            sackDue = true;
        }
    }

    public long deadlineNanos() {
        return sackDeadline;
    }

    /** A SACK must leave now. */
    public boolean isSackDue() {
        return sackDue;
    }

    /** A SACK may ride along with something else. */
    public boolean isSackUseful() {
        return sackDue || sackDeadline != Long.MAX_VALUE;
    }

    public void requestSack() {
        sackDue = true;
    }

    /** Writes a SACK if it fits. */
    public void writeSack(PacketWriter out) {
        if (out.remaining() < SackChunk.HEADER_BYTES) return;
        tracker.writeSack(out, window.advertise());
        sackDue = false;
        sackDeadline = Long.MAX_VALUE;
        unackedPackets = 0;
    }

    /** A message of an earlier association, which the application will take from here. */
    public void holdUntaken(ReceivedMessage message) {
        inbox.holdUntaken(message);
    }

    /** The application has taken a message: its memory is free, and the peer may be told. */
    public void taken(ReceivedMessage message) {
        inbox.taken(message);
        if (window.isWorthTelling()) sackDue = true;
    }

    public void onRtt(long nanos) {
        window.onRtt(nanos);
    }

    public int cumulativeTsn() {
        return (int) tracker.cumulativeTsn();
    }

    /** Everything up to this TSN was received. */
    public boolean hasAllUpTo(int wireTsn) {
        return tracker.unwrap(wireTsn) <= tracker.cumulativeTsn();
    }

    /** The peer's stream begins anew. */
    public void resetStream(int streamId) {
        inbox.reset(streamId);
    }

    public void resetAllStreams() {
        inbox.resetAll();
    }

    /** Bytes in memory: fragments, messages that wait, messages not yet taken, and overhead. */
    public long heldBytes() {
        return window.heldBytes();
    }

    public long duplicateChunks() {
        return duplicateChunks;
    }

    public long droppedChunks() {
        return droppedChunks;
    }
}
