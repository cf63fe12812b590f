package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Makes messages of fragments. A fragment goes where the one before it went, or waits for that one:
 * nothing is searched. Not thread-safe.
 */
abstract sealed class Reassembly permits DataReassembly, InterleavedReassembly {
    /** A fragment that came before the one it continues. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Waiting(int streamId, boolean unordered, int messageId, boolean end, byte[] data) {
        long cost() {
            return (long) data.length + Inbox.OVERHEAD_BYTES;
        }
    }

    final Inbox inbox;
    final ReceiveWindow window;
    private final int maxMessageBytes;

    Reassembly(Inbox inbox, ReceiveWindow window, int maxMessageBytes) {
        this.inbox = inbox;
        this.window = window;
        this.maxMessageBytes = maxMessageBytes;
    }

    /** Takes a fragment that was not received before. */
    final @Nullable Fault add(DataFields data, byte[] packet, long tsn) {
        if (data.begin() && data.end()) return whole(data, packet);
        if (data.begin()) return begin(data, packet, tsn);
        return goOn(data, packet, tsn);
    }

    private @Nullable Fault whole(DataFields data, byte[] packet) {
        if (data.payloadLength() > maxMessageBytes) return Fault.MESSAGE_TOO_LONG;
        int from = data.payloadStart();
        byte[] bytes = Arrays.copyOfRange(packet, from, from + data.payloadLength());
        InboundStream stream = inbox.stream(data.streamId());
        inbox.complete(
                stream,
                data.messageId(),
                new ReceivedMessage(
                        data.streamId(), data.payloadProtocol(), data.unordered(), bytes));
        return null;
    }

    private @Nullable Fault begin(DataFields data, byte[] packet, long tsn) {
        InboundStream stream = inbox.stream(data.streamId());
        OpenMessage message = new OpenMessage(stream, data, window, maxMessageBytes);
        if (!message.append(packet, data.payloadStart(), data.payloadLength())) {
            message.close();
            return Fault.MESSAGE_TOO_LONG;
        }
        if (!open(message, tsn)) {
            message.close();
            return Fault.BAD_FRAGMENT;
        }
        return drain(message);
    }

    private @Nullable Fault goOn(DataFields data, byte[] packet, long tsn) {
        OpenMessage message = openFor(data, tsn);
        int from = data.payloadStart();
        if (message == null) {
            byte[] bytes = Arrays.copyOfRange(packet, from, from + data.payloadLength());
            Waiting waiting =
                    new Waiting(
                            data.streamId(), data.unordered(), data.messageId(), data.end(), bytes);
            window.hold(waiting.cost());
            return keep(waiting, data, tsn);
        }
        if (!belongs(message, data.streamId(), data.unordered(), data.messageId()))
            return Fault.BAD_FRAGMENT;
        if (!message.append(packet, from, data.payloadLength())) return Fault.MESSAGE_TOO_LONG;
        if (data.end()) {
            finish(message);
            return null;
        }
        continues(message);
        return drain(message);
    }

    /** Adds what had been waiting for the fragment that the message now has. */
    private @Nullable Fault drain(OpenMessage message) {
        while (true) {
            Waiting waiting = takeWaiting(message);
            if (waiting == null) return null;
            window.hold(-waiting.cost());
            if (!belongs(message, waiting.streamId, waiting.unordered, waiting.messageId))
                return Fault.BAD_FRAGMENT;
            if (!message.append(waiting.data, 0, waiting.data.length))
                return Fault.MESSAGE_TOO_LONG;
            if (waiting.end) {
                finish(message);
                return null;
            }
            continues(message);
        }
    }

    private static boolean belongs(
            OpenMessage message, int streamId, boolean unordered, int messageId) {
        return message.stream.id == streamId
                && message.unordered == unordered
                && message.messageId == messageId;
    }

    private void finish(OpenMessage message) {
        closed(message);
        message.close();
        inbox.complete(message.stream, message.messageId, message.message());
    }

    /** Files a message that begins; false when there is one like it. */
    abstract boolean open(OpenMessage message, long tsn);

    /** The message that this fragment continues without a hole, or null. */
    abstract @Nullable OpenMessage openFor(DataFields data, long tsn);

    /** The message has one more fragment: files it anew. */
    abstract void continues(OpenMessage message);

    abstract void closed(OpenMessage message);

    abstract @Nullable Fault keep(Waiting waiting, DataFields data, long tsn);

    abstract @Nullable Waiting takeWaiting(OpenMessage message);

    /** Drops what belongs to abandoned messages: TSNs up to this one, or those that are named. */
    abstract void abandon(long newCumulativeTsn, Iterable<Skipped> skipped);
}
