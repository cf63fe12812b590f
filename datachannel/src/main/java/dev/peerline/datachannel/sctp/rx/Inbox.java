package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.table.StreamTable;

import java.util.function.Consumer;

/**
 * Takes whole messages, puts the ordered ones in order, and hands them out. Memory is accounted for
 * until the application takes a message. Not thread-safe.
 */
final class Inbox {
    /** What a message costs beside its bytes. */
    static final int OVERHEAD_BYTES = 64;

    private final StreamTable<InboundStream> streams;
    private final ReceiveWindow window;
    private final Consumer<ReceivedMessage> delivery;
    private int undelivered;

    Inbox(boolean interleaving, ReceiveWindow window, Consumer<ReceivedMessage> delivery) {
        streams = new StreamTable<>(id -> new InboundStream(id, interleaving));
        this.window = window;
        this.delivery = delivery;
    }

    InboundStream stream(int streamId) {
        return streams.getOrCreate(streamId);
    }

    /** Messages that the application has not taken. */
    int undelivered() {
        return undelivered;
    }

    static long cost(ReceivedMessage message) {
        return (long) message.data().length + OVERHEAD_BYTES;
    }

    /** A whole message; its memory is not accounted for yet. */
    void complete(InboundStream stream, int messageId, ReceivedMessage message) {
        stream.previousLength = message.data().length;
        if (message.unordered()) {
            window.hold(cost(message));
            deliver(message);
            return;
        }
        if (stream.isNext(messageId)) {
            window.hold(cost(message));
            stream.advance();
            deliver(message);
            drain(stream);
        } else if (!stream.isPast(messageId) && stream.keep(messageId, message)) {
            window.hold(cost(message));
        }
    }

    /** The peer gave up on ordered messages up to this one: what waited for them goes on. */
    void skip(InboundStream stream, int messageId) {
        while (true) {
            ReceivedMessage message = stream.takeUpTo(messageId);
            if (message == null) break;
            deliver(message);
        }
        drain(stream);
    }

    /** The peer's stream begins anew (RFC 6525). */
    void reset(int streamId) {
        InboundStream stream = streams.get(streamId);
        if (stream != null) reset(stream);
    }

    void resetAll() {
        streams.forEach(this::reset);
    }

    private void reset(InboundStream stream) {
        stream.reset(
                (key, message) -> {
                    window.hold(-cost(message));
                    return false;
                });
    }

    private void drain(InboundStream stream) {
        while (true) {
            ReceivedMessage message = stream.takeNext();
            if (message == null) return;
            deliver(message);
        }
    }

    private void deliver(ReceivedMessage message) {
        undelivered++;
        delivery.accept(message);
    }

    /** A message that was delivered elsewhere, and will be taken here. */
    void holdUntaken(ReceivedMessage message) {
        undelivered++;
        window.hold(cost(message));
    }

    /** The application has taken a message. */
    void taken(ReceivedMessage message) {
        undelivered--;
        window.hold(-cost(message));
    }
}
