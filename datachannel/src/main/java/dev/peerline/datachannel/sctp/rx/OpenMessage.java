package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.chunk.DataFields;

import java.util.Arrays;

/**
 * A message that has begun: its fragments so far, without a hole. The array is made as long as the
 * stream's previous message was, so that a stream of equal messages is copied once.
 */
final class OpenMessage {
    final InboundStream stream;
    final int messageId;
    final boolean unordered;

    /** The fragment that is missing: a TSN in DATA, a fragment number in I-DATA. */
    long next;

    private final int payloadProtocol;
    private final ReceiveWindow window;
    private final int maxBytes;
    private byte[] bytes;
    private int length;

    OpenMessage(InboundStream stream, DataFields first, ReceiveWindow window, int maxBytes) {
        this.stream = stream;
        this.messageId = first.messageId();
        this.unordered = first.unordered();
        this.payloadProtocol = first.payloadProtocol();
        this.window = window;
        this.maxBytes = maxBytes;
        boolean alone = stream.openMessages++ == 0;
        int guess = alone ? Math.min(stream.previousLength, maxBytes) : 0;
        bytes = new byte[Math.max(guess, first.payloadLength())];
        window.hold(bytes.length + Inbox.OVERHEAD_BYTES);
    }

    /** Adds a fragment; false when the message is longer than the receiver takes. */
    boolean append(byte[] source, int from, int count) {
        if (length + count > maxBytes) return false;
        if (length + count > bytes.length) {
            int capacity = Math.clamp(2L * bytes.length, length + count, maxBytes);
            window.hold(capacity - bytes.length);
            bytes = Arrays.copyOf(bytes, capacity);
        }
        System.arraycopy(source, from, bytes, length, count);
        length += count;
        return true;
    }

    /** Gives the memory back, to the message or to nobody. */
    void close() {
        stream.openMessages--;
        window.hold(-(bytes.length + Inbox.OVERHEAD_BYTES));
    }

    ReceivedMessage message() {
        byte[] data = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        return new ReceivedMessage(stream.id, payloadProtocol, unordered, data);
    }
}
