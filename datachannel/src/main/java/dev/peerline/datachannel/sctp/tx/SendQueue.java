package dev.peerline.datachannel.sctp.tx;

import dev.peerline.datachannel.sctp.table.StreamTable;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * What waits to be sent, by stream, and whose turn it is: weighted fair queueing (RFC 8260 §3.6),
 * so that a quiet stream's message leaves next however much others have queued. Without
 * interleaving a message that was begun is finished first. Not thread-safe.
 */
public final class SendQueue {
    /** How a message travels. */
    public record Options(
            int payloadProtocol, boolean unordered, long expiresNanos, int maxRetransmissions) {
        /** RFC 7496: no limit. */
        public static final int UNLIMITED = Integer.MAX_VALUE;

        public static Options reliable(int payloadProtocol) {
            return new Options(payloadProtocol, false, Long.MAX_VALUE, UNLIMITED);
        }
    }

    /** Pooled message objects; more than this are left to the garbage collector. */
    private static final int MAX_POOLED = 1024;

    /** What a message costs in memory beside its bytes. */
    private static final int MESSAGE_OVERHEAD = 128;

    /** So that a stream of tiny messages pays for its headers. */
    private static final int DATA_OVERHEAD = 20;

    private static final long VIRTUAL_SCALE = 1 << 16;

    private final StreamTable<SendStream> streams = new StreamTable<>(SendStream::new);
    private final PriorityQueue<SendStream> turns =
            new PriorityQueue<>(
                    Comparator.<SendStream>comparingLong(stream -> stream.dueVirtual)
                            .thenComparingInt(stream -> stream.id));
    private final ArrayDeque<OutgoingMessage> pool = new ArrayDeque<>();
    private final ArrayDeque<SendStream> becameLow = new ArrayDeque<>();
    private final long maxBytes;
    private boolean interleaving;
    private long queuedBytes;
    private long virtualTime;
    private long expiredMessages;
    private boolean quietSent;
    private @Nullable OutgoingMessage begun;

    public SendQueue(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Whether I-DATA was negotiated. */
    public void interleaving(boolean yes) {
        interleaving = yes;
    }

    /**
     * Queues a message; false when the queue is full. The bytes must not change until they are
     * acknowledged.
     */
    public boolean offer(int streamId, byte[] data, int offset, int length, Options options) {
        if (queuedBytes > 0 && queuedBytes + length + MESSAGE_OVERHEAD > maxBytes) return false;
        SendStream stream = streams.getOrCreate(streamId);
        OutgoingMessage message = pool.isEmpty() ? new OutgoingMessage() : pool.pop();
        message.stream = stream;
        message.data = data;
        message.offset = offset;
        message.length = length;
        message.payloadProtocol = options.payloadProtocol;
        message.unordered = options.unordered;
        message.expiresNanos = options.expiresNanos;
        message.maxRetransmissions = options.maxRetransmissions;
        stream.messages.add(message);
        stream.queuedBytes += length;
        queuedBytes += length + MESSAGE_OVERHEAD;
        schedule(stream);
        return true;
    }

    /** Bytes of this stream that were never sent. */
    public long queuedBytes(int streamId) {
        SendStream stream = streams.get(streamId);
        return stream == null ? 0 : stream.queuedBytes;
    }

    /** Bytes of all streams that were never sent, and what their messages cost in memory. */
    public long queuedBytes() {
        return queuedBytes;
    }

    /** Unsent messages whose lifetime ended in the queue. */
    public long expiredMessages() {
        return expiredMessages;
    }

    /** Whether, since the last call, a stream has sent all it had while others had more. */
    public boolean takeQuietSent() {
        boolean was = quietSent;
        quietSent = false;
        return was;
    }

    public boolean hasQueued(int streamId) {
        SendStream stream = streams.get(streamId);
        return stream != null && !stream.messages.isEmpty();
    }

    /** Shares are proportional to weights, 1 to 65535. */
    public void weight(int streamId, int weight) {
        streams.getOrCreate(streamId).weight = weight;
    }

    /** {@link #pollLow} tells when the queue of the stream falls to this. */
    public void lowThreshold(int streamId, long bytes) {
        streams.getOrCreate(streamId).lowThreshold = bytes;
    }

    /** A stream whose queue has fallen to its threshold since the last call, or -1. */
    public int pollLow() {
        SendStream stream = becameLow.poll();
        return stream == null ? -1 : stream.id;
    }

    /** Holds a stream back, while it is being reset. */
    public void pause(int streamId) {
        streams.getOrCreate(streamId).paused = true;
    }

    /** Lets a stream go on; after a reset it counts from zero. */
    public void resume(int streamId, boolean fromZero) {
        SendStream stream = streams.getOrCreate(streamId);
        stream.paused = false;
        if (fromZero) stream.resetNumbers();
        schedule(stream);
    }

    /** Forgets what is queued on a stream and was not begun. */
    public void clear(int streamId) {
        SendStream stream = streams.get(streamId);
        if (stream == null) return;
        OutgoingMessage first = stream.messages.peek();
        boolean keepsFirst = first != null && first.started();
        if (keepsFirst) stream.messages.poll();
        while (stream.messages.peek() != null) drop(stream, stream.messages.remove());
        if (keepsFirst) stream.messages.add(first);
    }

    /** Forgets everything and counts from zero: the peer has begun anew. */
    public void clearAll() {
        begun = null;
        streams.forEach(
                stream -> {
                    while (stream.messages.peek() != null) drop(stream, stream.messages.remove());
                    stream.resetNumbers();
                    stream.paused = false;
                });
        becameLow.clear();
    }

    boolean isEmpty() {
        return peekStream() == null;
    }

    /** The message whose turn it is, or null. */
    @Nullable OutgoingMessage next(long nowNanos) {
        if (begun != null) return begun;
        while (true) {
            SendStream stream = peekStream();
            if (stream == null) return null;
            OutgoingMessage message = stream.messages.element();
            if (message.started() || message.expiresNanos > nowNanos) return message;
            expiredMessages++;
            drop(stream, stream.messages.remove());
        }
    }

    /** A fragment of {@link #next}'s message gets a TSN. */
    void taken(OutgoingMessage message, int bytes) {
        SendStream stream = streamOf(message);
        if (!message.started())
            message.messageId = stream.takeMessageId(interleaving, message.unordered);
        message.nextFragment++;
        message.sentBytes += bytes;
        if (turns.peek() == stream) turns.poll();
        else turns.remove(stream);
        stream.scheduled = false;
        virtualTime = stream.dueVirtual;
        stream.dueVirtual += (bytes + DATA_OVERHEAD) * VIRTUAL_SCALE / stream.weight;
        if (message.fullySent()) {
            stream.messages.remove();
            queuedBytes -= MESSAGE_OVERHEAD;
            begun = null;
            if (stream.messages.isEmpty() && !turns.isEmpty()) quietSent = true;
        } else if (!interleaving) {
            begun = message;
        }
        leftQueue(stream, bytes);
        schedule(stream);
    }

    /** A begun message is given up: its rest will never be sent. */
    void abandonRest(OutgoingMessage message) {
        SendStream stream = streamOf(message);
        if (message.fullySent()) return;
        int rest = message.unsentBytes();
        message.sentBytes = message.length;
        stream.messages.remove();
        queuedBytes -= MESSAGE_OVERHEAD;
        if (begun == message) begun = null;
        leftQueue(stream, rest);
    }

    /** Nothing refers to the message any more. */
    void recycle(OutgoingMessage message) {
        message.clear();
        if (pool.size() < MAX_POOLED) pool.push(message);
    }

    private void drop(SendStream stream, OutgoingMessage message) {
        queuedBytes -= MESSAGE_OVERHEAD;
        leftQueue(stream, message.unsentBytes());
        if (!message.started()) recycle(message);
    }

    private void leftQueue(SendStream stream, int bytes) {
        boolean wasAbove = stream.queuedBytes > stream.lowThreshold;
        stream.queuedBytes -= bytes;
        queuedBytes -= bytes;
        if (wasAbove && stream.queuedBytes <= stream.lowThreshold && !becameLow.contains(stream))
            becameLow.add(stream);
    }

    private void schedule(SendStream stream) {
        if (stream.scheduled || stream.paused || stream.messages.isEmpty()) return;
        // One that was idle has saved nothing up.
        stream.dueVirtual = Math.max(stream.dueVirtual, virtualTime);
        stream.scheduled = true;
        turns.add(stream);
    }

    /** The stream whose turn it is; those that have nothing any more leave. */
    private @Nullable SendStream peekStream() {
        while (true) {
            SendStream stream = turns.peek();
            if (stream == null) return null;
            if (!stream.messages.isEmpty() && !stream.paused) return stream;
            turns.remove();
            stream.scheduled = false;
        }
    }

    private static SendStream streamOf(OutgoingMessage message) {
        SendStream stream = message.stream;
        if (stream == null) throw new AssertionError("a queued message has a stream");
        return stream;
    }
}
