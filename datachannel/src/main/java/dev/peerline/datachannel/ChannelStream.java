package dev.peerline.datachannel;

import dev.peerline.datachannel.dcep.SendOutcome;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/**
 * The half of a channel that lives in the connection's loop: hands messages to the association, as
 * it takes them, and tells what has left. Not thread-safe.
 */
final class ChannelStream {
    /**
     * A message on its way out.
     *
     * @param end of it, in the sum of all bytes of the channel
     * @param room completed when enough before it has left
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Outgoing(boolean text, byte[] data, long end, CompletableFuture<@Nullable Void> room) {}

    private final ChannelHost host;
    private final DataChannel channel;
    private final ArrayDeque<Outgoing> queue = new ArrayDeque<>();
    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
    private dev.peerline.datachannel.dcep.@Nullable DataChannel stream;
    private long handedBytes;
    private boolean closes;

    /** Whether the connection has it on its list of those that send. */
    boolean listed;

    ChannelStream(ChannelHost host, DataChannel channel) {
        this.host = host;
        this.channel = channel;
    }

    DataChannel channel() {
        return channel;
    }

    void bind(dev.peerline.datachannel.dcep.DataChannel bound) {
        stream = bound;
        // Ours is the budget that counts, and it has a limit; this one would only be a second.
        bound.budget(Long.MAX_VALUE / 2);
        if (closes) bound.close();
    }

    void enqueue(Outgoing message) {
        if (closes || channel.readyState() != DataChannelState.OPEN) {
            refuse(message);
            return;
        }
        queue.add(message);
        if (!message.room.isDone()) waiting.add(message);
        host.wantsToSend(this);
    }

    private void refuse(Outgoing message) {
        if (message.room.isDone()) return;
        IllegalStateException problem =
                new IllegalStateException(
                        "channel " + channel.label() + " is " + channel.readyState());
        host.dispatcher().apart(() -> message.room.completeExceptionally(problem));
    }

    /** Hands over what is taken now; true when that was something. */
    boolean push(long nowNanos) {
        if (stream == null) return false;
        boolean some = false;
        while (!queue.isEmpty()) {
            Outgoing next = queue.element();
            SendOutcome outcome = send(stream, next, nowNanos);
            if (outcome == SendOutcome.NO_BUDGET) return some;
            queue.remove();
            handedBytes += next.data.length;
            some = true;
        }
        // Does nothing the second time.
        if (closes) stream.close();
        return some;
    }

    private static SendOutcome send(
            dev.peerline.datachannel.dcep.DataChannel to, Outgoing message, long nowNanos) {
        return message.text ? to.sendText(message.data, nowNanos) : to.send(message.data, nowNanos);
    }

    /** Tells what has left; false when all has. */
    boolean settle() {
        long inStream = stream == null ? 0 : stream.bufferedAmount();
        long departed = Math.max(0, handedBytes - inStream);
        channel.departed(departed);
        long room = departed + host.options().sendAheadBytes();
        while (!waiting.isEmpty() && waiting.element().end <= room) {
            CompletableFuture<@Nullable Void> future = waiting.remove().room;
            host.dispatcher().apart(() -> future.complete(null));
        }
        return !queue.isEmpty() || inStream > 0;
    }

    /** By our side. */
    void close() {
        if (closes || channel.readyState() == DataChannelState.CLOSED) return;
        closes = true;
        channel.closing();
        if (stream == null) host.abandoned(channel);
        else host.wantsToSend(this);
    }

    /** It is over, both ways. */
    void closed() {
        closes = true;
        queue.clear();
        channel.closed();
        while (!waiting.isEmpty()) refuse(waiting.remove());
    }
}
