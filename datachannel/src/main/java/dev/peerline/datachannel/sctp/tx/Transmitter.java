package dev.peerline.datachannel.sctp.tx;

import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.DataChunk;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.congestion.CongestionControl;

import org.jspecify.annotations.Nullable;

/**
 * Puts DATA into packets: what was lost first, then what is new, as far as window, pace and room
 * allow. Not thread-safe.
 */
final class Transmitter {
    private static final int PACKET_BYTES = 1200;

    /**
     * What is sent, and who is told of it.
     *
     * @param queue messages that are not sent to their end
     * @param outstanding chunks that were sent
     */
    record Parts(
            SendQueue queue,
            Outstanding outstanding,
            PartialReliability partial,
            CongestionControl congestion,
            RetransmissionTimers timers,
            DeliveryRate rate,
            SpuriousTimeout spurious) {}

    private final SendQueue queue;
    private final Outstanding outstanding;
    private final PartialReliability partial;
    private final CongestionControl congestion;
    private final RetransmissionTimers timers;
    private final DeliveryRate rate;
    private final SpuriousTimeout spurious;
    private final Pacer pacer = new Pacer(PACKET_BYTES);
    private final boolean interleaving;
    private final int headerBytes;

    private long peerWindow;
    private boolean pacingBlocked;
    private boolean windowLimited;

    /** Packets that may leave whatever the window says: probes. */
    private int probes;

    private long retransmittedChunks;
    private long sentChunks;

    Transmitter(Parts parts, Sender.Settings settings) {
        queue = parts.queue;
        outstanding = parts.outstanding;
        partial = parts.partial;
        congestion = parts.congestion;
        timers = parts.timers;
        rate = parts.rate;
        spurious = parts.spurious;
        interleaving = settings.interleaving();
        headerBytes = interleaving ? IDataChunk.HEADER_BYTES : DataChunk.HEADER_BYTES;
        peerWindow = settings.peerWindow();
    }

    /** Bytes that the peer takes beside what is in flight, as it said last. */
    long peerWindow() {
        return peerWindow;
    }

    void peerWindow(long bytes) {
        peerWindow = bytes;
    }

    /** One packet may leave whatever the window says. */
    void probe() {
        probes = 1;
    }

    /** The pace that was is void. */
    void resetPace() {
        pacer.reset();
    }

    /** When what waits for its pace may leave; MAX_VALUE when nothing does. */
    long deadlineNanos() {
        return pacingBlocked ? pacer.nextNanos() : Long.MAX_VALUE;
    }

    /** Whether it was the window that ended the last packet. */
    boolean windowLimited() {
        return windowLimited;
    }

    /**
     * Whether {@link #writeData} would find something to send; rarely it finds nothing after all.
     */
    boolean mayWriteData(long nowNanos) {
        if (outstanding.firstLost() == null && queue.isEmpty()) return false;
        if (probes > 0) return true;
        return hasWindow() && pacer.mayLeave(congestion.pacingBytesPerSecond(), nowNanos);
    }

    /** Puts as much DATA into the packet as window, pace and room allow; says whether any. */
    boolean writeData(PacketWriter out, long nowNanos) {
        pacingBlocked = false;
        int before = out.length();
        boolean probing = probes > 0;
        if (outstanding.firstLost() == null && queue.isEmpty()) {
            probes = 0;
            return false;
        }
        long pacing = congestion.pacingBytesPerSecond();
        if (!probing && !pacer.mayLeave(pacing, nowNanos)) {
            // Only what the window lets through waits for its time.
            pacingBlocked = hasWindow() && (outstanding.firstLost() != null || peerHasRoom(1));
            return false;
        }
        if (outstanding.isEmpty()) congestion.onRestart(nowNanos);
        boolean roomLeft = retransmit(out, probing, nowNanos);
        if (roomLeft) sendNew(out, probing, nowNanos);
        int written = out.length() - before;
        if (written == 0) return false;
        if (probing) probes--;
        pacer.sent(written, pacing, nowNanos);
        timers.onSent(outstanding, probing, nowNanos);
        return true;
    }

    /** Whether all lost chunks are out again, so that new ones may follow. */
    private boolean retransmit(PacketWriter out, boolean probing, long nowNanos) {
        boolean any = false;
        while (true) {
            SentChunk chunk = outstanding.firstLost();
            if (chunk == null) return true;
            OutgoingMessage message = messageOf(chunk);
            if (partial.mustAbandon(message, chunk.transmissions, nowNanos)) {
                partial.abandon(message);
                continue;
            }
            windowLimited = !hasWindow();
            if (windowLimited && (!probing || any)) return false;
            if (out.remaining() < Bytes.padded(chunk.wireBytes)) return false;
            retransmittedChunks++;
            write(out, chunk, message, nowNanos);
            any = true;
        }
    }

    private void sendNew(PacketWriter out, boolean probing, long nowNanos) {
        boolean any = false;
        while (outstanding.hasRoom()) {
            OutgoingMessage message = queue.next(nowNanos);
            if (message == null) {
                // Nothing more to send: the rate that is measured now is the application's.
                windowLimited = false;
                if (hasWindow()) rate.onAppLimited(outstanding.inFlightBytes());
                return;
            }
            if (message.started() && partial.mustAbandon(message, 0, nowNanos)) {
                partial.abandon(message);
                continue;
            }
            windowLimited = !hasWindow();
            if (windowLimited && (!probing || any)) return;
            int length = fragmentLength(message, out, any);
            if (length == 0) return;
            if (!peerHasRoom(length)) {
                rate.onAppLimited(outstanding.inFlightBytes());
                return;
            }
            write(out, fragment(message, length), message, nowNanos);
            any = true;
        }
    }

    private boolean hasWindow() {
        // One packet to ask with, after a timeout: more would blur what its answer tells.
        long window = spurious.isAsking() ? 1 : congestion.windowBytes();
        return outstanding.inFlightBytes() < window;
    }

    /** RFC 9260 §6.1 A: one chunk may always be in flight, to probe a window of zero. */
    private boolean peerHasRoom(int bytes) {
        return outstanding.isEmpty() || outstanding.inFlightPayloadBytes() + bytes <= peerWindow;
    }

    /** How much of the message goes into this packet; 0 when that must wait for the next one. */
    private int fragmentLength(OutgoingMessage message, PacketWriter out, boolean hasData) {
        int room = out.remaining() - headerBytes;
        int rest = message.unsentBytes();
        if (rest <= room) return rest;
        // Cut only what is too long for a packet, not what is too long for the rest of one.
        return hasData ? 0 : Math.max(0, room & ~3);
    }

    private SentChunk fragment(OutgoingMessage message, int length) {
        SentChunk chunk = outstanding.append();
        chunk.message = message;
        chunk.offset = message.sentBytes;
        chunk.length = length;
        chunk.fragment = message.nextFragment;
        chunk.wireBytes = headerBytes + length;
        if (!message.started()) message.firstTsn = chunk.tsn;
        message.lastTsn = chunk.tsn;
        message.references++;
        queue.taken(message, length);
        return chunk;
    }

    private void write(PacketWriter out, SentChunk chunk, OutgoingMessage message, long nowNanos) {
        int flags = message.unordered ? DataFields.UNORDERED : 0;
        boolean begins = chunk.fragment == 0;
        if (begins) flags |= DataFields.BEGIN;
        if (chunk.offset + chunk.length == message.length) flags |= DataFields.END;
        if (probes > 0 || timers.consecutiveTimeouts() > 0) flags |= DataFields.IMMEDIATE;
        int streamId = message.stream == null ? 0 : message.stream.id;
        if (interleaving) {
            IDataChunk.begin(out, flags, (int) chunk.tsn, streamId);
            out.put32(message.messageId);
            out.put32(begins ? message.payloadProtocol : chunk.fragment);
        } else {
            DataChunk.begin(out, flags, (int) chunk.tsn, streamId);
            out.put16(message.messageId);
            out.put32(message.payloadProtocol);
        }
        out.put(message.data, message.offset + chunk.offset, chunk.length);
        out.endChunk();
        rate.onSent(chunk, outstanding.inFlightChunks() == 0, nowNanos);
        chunk.transmissions++;
        chunk.sentNanos = nowNanos;
        outstanding.markInFlight(chunk);
        sentChunks++;
    }

    private static OutgoingMessage messageOf(SentChunk chunk) {
        @Nullable OutgoingMessage message = chunk.message;
        if (message == null) throw new AssertionError("an outstanding chunk has a message");
        return message;
    }

    long retransmittedChunks() {
        return retransmittedChunks;
    }

    long sentChunks() {
        return sentChunks;
    }
}
