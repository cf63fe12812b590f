package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.table.LongMap;

import org.jspecify.annotations.Nullable;

/** The way in of one stream: which ordered message is next, and those that came before it. */
final class InboundStream {
    /** A jump over more messages than this looks for what waits instead of counting. */
    private static final int WAITING_REACH = 1024;

    final int id;

    /** Ordered messages that wait for an earlier one, by sequence number; made when needed. */
    private @Nullable LongMap<ReceivedMessage> waiting;

    private final int idMask;
    private int next;

    /** How long the previous message was: the next one is likely as long. */
    int previousLength;

    /** Messages of this stream that have begun and not ended. */
    int openMessages;

    InboundStream(int id, boolean interleaving) {
        this.id = id;
        idMask = interleaving ? -1 : 0xffff;
    }

    boolean isNext(int messageId) {
        return messageId == next;
    }

    /** Delivered already, or skipped. */
    boolean isPast(int messageId) {
        return distance(messageId) < 0;
    }

    /** How far ahead of the next message, in the serial arithmetic of 16 or 32 bits. */
    private int distance(int messageId) {
        int difference = messageId - next;
        return idMask == -1 ? difference : (short) difference;
    }

    void advance() {
        next = (next + 1) & idMask;
    }

    /** Keeps a message until its turn; false when there is one already. */
    boolean keep(int messageId, ReceivedMessage message) {
        if (waiting == null) waiting = new LongMap<>();
        if (waiting.get(messageId) != null) return false;
        waiting.put(messageId, message);
        return true;
    }

    /** The next message, if it waits here. */
    @Nullable ReceivedMessage takeNext() {
        if (waiting == null || waiting.isEmpty()) return null;
        ReceivedMessage message = waiting.remove(next);
        if (message != null) advance();
        return message;
    }

    /**
     * One step of skipping up to a message, inclusive: a message that waits before it, or null with
     * {@link #isPast} of the message true.
     */
    @Nullable ReceivedMessage takeUpTo(int messageId) {
        if (waiting == null || waiting.isEmpty()) {
            if (!isPast(messageId)) next = (messageId + 1) & idMask;
            return null;
        }
        while (!isPast(messageId)) {
            ReceivedMessage message = waiting.remove(next);
            advance();
            if (message != null) return message;
            // A wild jump must not take four billion steps: what waits is within reach.
            if (distance(messageId) > WAITING_REACH) skipToWaiting(messageId);
        }
        return null;
    }

    private void skipToWaiting(int messageId) {
        LongMap<ReceivedMessage> map = waiting;
        if (map == null) return;
        int[] nearest = {distance(messageId)};
        map.retain(
                (key, message) -> {
                    nearest[0] = Math.min(nearest[0], Math.max(0, distance((int) key)));
                    return true;
                });
        next = (next + nearest[0]) & idMask;
    }

    /** Everything that waits goes to the consumer, and the stream counts from zero. */
    void reset(LongMap.Filter<ReceivedMessage> dropped) {
        if (waiting != null) waiting.retain(dropped);
        next = 0;
        previousLength = 0;
    }
}
