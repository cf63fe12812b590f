package dev.peerline.datachannel.sctp.tx;

import java.util.ArrayDeque;

/** The way out of one stream: its queue, its numbers, its share. */
final class SendStream {
    static final int DEFAULT_WEIGHT = 256;

    final int id;
    final ArrayDeque<OutgoingMessage> messages = new ArrayDeque<>();

    /** Bytes that were never sent: what W3C calls bufferedAmount. */
    long queuedBytes;

    long lowThreshold;

    int weight = DEFAULT_WEIGHT;

    /** When its next fragment is due, in the scheduler's virtual time. */
    long dueVirtual;

    /** It is in the scheduler's queue. */
    boolean scheduled;

    /** Being reset: what is queued from now on waits for the peer's answer. */
    boolean paused;

    int nextSequence;
    int nextUnorderedId;

    SendStream(int id) {
        this.id = id;
    }

    /** RFC 8260 §2.1: ordered and unordered messages count apart in I-DATA; DATA has one. */
    int takeMessageId(boolean interleaving, boolean unordered) {
        if (!interleaving) return unordered ? 0 : nextSequence++ & 0xffff;
        return unordered ? nextUnorderedId++ : nextSequence++;
    }

    void resetNumbers() {
        nextSequence = 0;
        nextUnorderedId = 0;
    }
}
