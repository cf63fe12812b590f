package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.table.LongMap;

import org.jspecify.annotations.Nullable;

/**
 * Reassembly of I-DATA (RFC 8260 §2.1), where a message is known by stream, order and message
 * identifier, and a fragment by its number.
 */
final class InterleavedReassembly extends Reassembly {
    /** The fragments of a message that wait for an earlier one. */
    private static final class Stash {
        /** What it costs in memory when it is empty. */
        static final int OVERHEAD_BYTES = 512;

        final LongMap<Waiting> fragments = new LongMap<>();
    }

    private final LongMap<OpenMessage> open = new LongMap<>();
    private final LongMap<Stash> waiting = new LongMap<>();

    InterleavedReassembly(Inbox inbox, ReceiveWindow window, int maxMessageBytes) {
        super(inbox, window, maxMessageBytes);
    }

    private static long key(int streamId, boolean unordered, int messageId) {
        long order = unordered ? 1 : 0;
        return order << 48 | (long) streamId << 32 | (messageId & 0xffff_ffffL);
    }

    private static long key(OpenMessage message) {
        return key(message.stream.id, message.unordered, message.messageId);
    }

    @Override
    boolean open(OpenMessage message, long tsn) {
        if (open.get(key(message)) != null) return false;
        message.next = 1;
        open.put(key(message), message);
        return true;
    }

    @Override
    @Nullable OpenMessage openFor(DataFields data, long tsn) {
        OpenMessage message = open.get(key(data.streamId(), data.unordered(), data.messageId()));
        boolean fits =
                message != null && message.next == Integer.toUnsignedLong(data.fragmentNumber());
        return fits ? message : null;
    }

    @Override
    void continues(OpenMessage message) {
        message.next++;
    }

    @Override
    void closed(OpenMessage message) {
        open.remove(key(message));
        Stash rest = waiting.remove(key(message));
        // After its end a message has no fragments: whoever sent some does not get them kept.
        if (rest != null) release(rest);
    }

    @Override
    @Nullable Fault keep(Waiting fragment, DataFields data, long tsn) {
        long key = key(data.streamId(), data.unordered(), data.messageId());
        Stash stash = waiting.get(key);
        if (stash == null) {
            stash = new Stash();
            window.hold(Stash.OVERHEAD_BYTES);
            waiting.put(key, stash);
        }
        long number = Integer.toUnsignedLong(data.fragmentNumber());
        if (stash.fragments.get(number) != null) {
            window.hold(-fragment.cost());
            return Fault.BAD_FRAGMENT;
        }
        stash.fragments.put(number, fragment);
        return null;
    }

    @Override
    @Nullable Waiting takeWaiting(OpenMessage message) {
        if (waiting.isEmpty()) return null;
        Stash stash = waiting.get(key(message));
        if (stash == null) return null;
        Waiting fragment = stash.fragments.remove(message.next);
        if (stash.fragments.isEmpty()) {
            waiting.remove(key(message));
            window.hold(-Stash.OVERHEAD_BYTES);
        }
        return fragment;
    }

    /** RFC 8260 §2.3.1: the streams' newest abandoned messages, and with them all earlier ones. */
    @Override
    void abandon(long newCumulativeTsn, Iterable<Skipped> skipped) {
        for (Skipped one : skipped) {
            open.retain(
                    (key, message) -> {
                        if (!isAbandoned(key, one)) return true;
                        message.close();
                        return false;
                    });
            waiting.retain(
                    (key, stash) -> {
                        if (!isAbandoned(key, one)) return true;
                        release(stash);
                        return false;
                    });
        }
    }

    private static boolean isAbandoned(long key, Skipped skipped) {
        boolean sameStream = key >>> 32 == key(skipped.streamId(), skipped.unordered(), 0) >>> 32;
        return sameStream && (int) key - skipped.messageId() <= 0;
    }

    private void release(Stash stash) {
        window.hold(-Stash.OVERHEAD_BYTES);
        stash.fragments.retain(
                (number, fragment) -> {
                    window.hold(-fragment.cost());
                    return false;
                });
    }
}
