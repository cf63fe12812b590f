package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.table.LongMap;

import org.jspecify.annotations.Nullable;

/**
 * Reassembly of DATA, where the fragments of a message have TSNs in a row (RFC 9260 §6.9): a
 * fragment is filed under its TSN, and an open message under the TSN it waits for.
 */
final class DataReassembly extends Reassembly {
    private final LongMap<OpenMessage> open = new LongMap<>();
    private final LongMap<Waiting> waiting = new LongMap<>();

    DataReassembly(Inbox inbox, ReceiveWindow window, int maxMessageBytes) {
        super(inbox, window, maxMessageBytes);
    }

    @Override
    boolean open(OpenMessage message, long tsn) {
        message.next = tsn + 1;
        open.put(message.next, message);
        return true;
    }

    @Override
    @Nullable OpenMessage openFor(DataFields data, long tsn) {
        return open.get(tsn);
    }

    @Override
    void continues(OpenMessage message) {
        open.remove(message.next);
        message.next++;
        open.put(message.next, message);
    }

    @Override
    void closed(OpenMessage message) {
        open.remove(message.next);
    }

    @Override
    @Nullable Fault keep(Waiting fragment, DataFields data, long tsn) {
        waiting.put(tsn, fragment);
        return null;
    }

    @Override
    @Nullable Waiting takeWaiting(OpenMessage message) {
        return waiting.isEmpty() ? null : waiting.remove(message.next);
    }

    /** RFC 3758 §3.6: what is up to the new cumulative TSN and incomplete will stay so. */
    @Override
    void abandon(long newCumulativeTsn, Iterable<Skipped> skipped) {
        open.retain(
                (next, message) -> {
                    if (next > newCumulativeTsn) return true;
                    message.close();
                    return false;
                });
        waiting.retain(
                (tsn, fragment) -> {
                    if (tsn > newCumulativeTsn) return true;
                    window.hold(-fragment.cost());
                    return false;
                });
    }
}
