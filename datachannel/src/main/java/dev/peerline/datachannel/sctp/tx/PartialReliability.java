package dev.peerline.datachannel.sctp.tx;

import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gives up on messages (RFC 3758, RFC 7496) and tells the peer by FORWARD TSN, or I-FORWARD-TSN
 * with interleaving (RFC 8260). Not thread-safe.
 */
final class PartialReliability {
    private final Outstanding outstanding;
    private final SendQueue queue;
    private final boolean supported;
    private final boolean interleaving;
    private long advancedTsn;
    private boolean due;
    private long sentNanos;
    private long abandonedMessages;

    PartialReliability(Outstanding outstanding, SendQueue queue, Sender.Settings settings) {
        this.outstanding = outstanding;
        this.queue = queue;
        supported = settings.partialReliability();
        interleaving = settings.interleaving();
        advancedTsn = outstanding.cumulativeTsn();
    }

    long abandonedMessages() {
        return abandonedMessages;
    }

    /** RFC 3758 §3.5 A3, asked before a chunk is sent again, or a begun message goes on. */
    boolean mustAbandon(OutgoingMessage message, int transmissions, long nowNanos) {
        if (!supported) return false;
        return message.abandoned
                || message.expiresNanos <= nowNanos
                || transmissions > message.maxRetransmissions;
    }

    /** "All fragments of the message MUST be abandoned": those sent, and those never sent. */
    void abandon(OutgoingMessage message) {
        message.abandoned = true;
        abandonedMessages++;
        long from = Math.max(message.firstTsn, outstanding.cumulativeTsn() + 1);
        for (long tsn = from; tsn <= message.lastTsn; tsn++) {
            SentChunk chunk = outstanding.at(tsn);
            if (chunk.message == message) outstanding.markAbandoned(chunk);
        }
        if (!message.fullySent()) {
            // A TSN for what was never sent: everything that was may be acknowledged already, and
            // without something to skip the peer would keep the beginning for ever.
            queue.abandonRest(message);
            SentChunk rest = outstanding.append();
            rest.message = message;
            rest.length = 0;
            rest.wireBytes = 0;
            message.lastTsn = rest.tsn;
            message.references++;
            outstanding.markAbandoned(rest);
        }
        advance();
    }

    /** RFC 3758 §3.5 C1 and C2, after a SACK or an abandonment. */
    void advance() {
        advancedTsn = Math.max(advancedTsn, outstanding.cumulativeTsn());
        while (advancedTsn + 1 < outstanding.nextTsn()
                && outstanding.at(advancedTsn + 1).state == SentChunk.State.ABANDONED) {
            advancedTsn++;
            due = true;
        }
        if (advancedTsn <= outstanding.cumulativeTsn()) due = false;
    }

    /**
     * §3.5 C3: a SACK came that does not cover what is abandoned; not more often than {@code
     * every}.
     */
    void onSack(long everyNanos, long nowNanos) {
        if (behind() && nowNanos - sentNanos >= everyNanos) due = true;
    }

    /** §3.5 C5: T3-rtx expired. */
    void onTimeout() {
        if (behind()) due = true;
    }

    private boolean behind() {
        return advancedTsn > outstanding.cumulativeTsn();
    }

    boolean isDue() {
        return due;
    }

    /** Writes the chunk, if it fits; as many messages as there is room for. */
    boolean write(PacketWriter out, long nowNanos) {
        int type = interleaving ? ChunkType.I_FORWARD_TSN : ChunkType.FORWARD_TSN;
        int room = out.remaining() - ForwardTsnChunk.HEADER_BYTES;
        int maxEntries = room / ForwardTsnChunk.entryBytes(type);
        if (room < 0 || maxEntries == 0) return false;
        Map<Long, Skipped> skipped = new LinkedHashMap<>();
        long upTo = outstanding.cumulativeTsn();
        while (upTo < advancedTsn) {
            @Nullable OutgoingMessage message = outstanding.at(upTo + 1).message;
            // FORWARD TSN does not name unordered messages: their TSNs say it.
            boolean named = message != null && (interleaving || !message.unordered);
            if (message != null && named) {
                int streamId = message.stream == null ? 0 : message.stream.id;
                long key = streamId * 2L + (message.unordered ? 1 : 0);
                if (skipped.size() == maxEntries && !skipped.containsKey(key)) break;
                skipped.put(key, new Skipped(streamId, message.unordered, message.messageId));
            }
            upTo++;
        }
        new ForwardTsnChunk((int) upTo, new ArrayList<>(skipped.values())).write(out, type);
        due = false;
        sentNanos = nowNanos;
        return true;
    }
}
