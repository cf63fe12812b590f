package dev.peerline.datachannel.sctp.rx;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.DataChunk;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A receiver by itself. Its peer's TSNs begin at 1; each byte of a fragment, and its payload
 * protocol, is its TSN.
 */
final class ReceiverFixture {
    static final int BEGIN = DataFields.BEGIN;
    static final int END = DataFields.END;
    static final int WHOLE = BEGIN | END;
    static final int UNORDERED = DataFields.UNORDERED;
    static final int IMMEDIATE = DataFields.IMMEDIATE;
    static final long MILLIS = 1_000_000;
    static final long SACK_DELAY = 20 * MILLIS;
    static final int MAX_MESSAGE = 100_000;

    final List<ReceivedMessage> delivered = new ArrayList<>();
    final Receiver receiver;
    long now = 1000 * MILLIS;
    private final boolean interleaving;

    ReceiverFixture(boolean interleaving) {
        this(interleaving, MAX_MESSAGE, 1 << 20, 1 << 20);
    }

    ReceiverFixture(boolean interleaving, int maxMessage, long window, long maxWindow) {
        this.interleaving = interleaving;
        receiver =
                new Receiver(
                        new Receiver.Settings(
                                1, interleaving, maxMessage, window, maxWindow, SACK_DELAY),
                        delivered::add);
    }

    /**
     * One fragment in a packet of its own, and what is wrong with it.
     *
     * @param number of the fragment in its message, which only I-DATA tells
     */
    @Nullable Fault offer(int flags, int tsn, int streamId, int messageId, int number, int size) {
        Fault fault = chunk(flags, tsn, streamId, messageId, number, size);
        receiver.onPacketEnd(now);
        return fault;
    }

    private @Nullable Fault chunk(
            int flags, int tsn, int streamId, int messageId, int number, int size) {
        byte[] packet = new byte[size + 100];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        if (interleaving) {
            IDataChunk.begin(out, flags, tsn, streamId);
            out.put32(messageId);
            out.put32((flags & BEGIN) != 0 ? tsn : number);
        } else {
            DataChunk.begin(out, flags, tsn, streamId);
            out.put16(messageId);
            out.put32(tsn);
        }
        byte[] payload = new byte[size];
        Arrays.fill(payload, (byte) tsn);
        out.put(payload);
        out.endChunk();
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, out.position());
        assertTrue(cursor.next());
        DataFields fields = new DataFields();
        assertNull(interleaving ? IDataChunk.read(cursor, fields) : DataChunk.read(cursor, fields));
        return receiver.onData(fields, packet, now);
    }

    /** A fragment of DATA, with which nothing is wrong. */
    void data(int flags, int tsn, int streamId, int sequence, int size) {
        assertNull(offer(flags, tsn, streamId, sequence, 0, size));
    }

    /** A fragment of I-DATA of 10 bytes, with which nothing is wrong. */
    void idata(int flags, int tsn, int streamId, int messageId, int number) {
        assertNull(offer(flags, tsn, streamId, messageId, number, 10));
    }

    void forward(int tsn, Skipped... skipped) {
        receiver.onForwardTsn(new ForwardTsnChunk(tsn, List.of(skipped)));
        receiver.onPacketEnd(now);
    }

    static Skipped ordered(int streamId, int id) {
        return new Skipped(streamId, false, id);
    }

    /** The application takes all that was delivered: the TSN that each message began with. */
    List<Integer> taken() {
        List<Integer> began = new ArrayList<>();
        for (ReceivedMessage message : delivered) {
            began.add(message.payloadProtocol());
            receiver.taken(message);
        }
        delivered.clear();
        return began;
    }

    /** The same, with how many bytes of which TSN the messages are made of. */
    List<String> takenFragments() {
        List<String> all = new ArrayList<>();
        for (ReceivedMessage message : delivered) {
            StringBuilder text = new StringBuilder(message.unordered() ? "u" : "");
            text.append(message.streamId());
            byte[] data = message.data();
            int from = 0;
            while (from < data.length) {
                int to = from;
                while (to < data.length && data[to] == data[from]) to++;
                text.append(' ').append(data[from]).append('*').append(to - from);
                from = to;
            }
            all.add(text.toString());
        }
        taken();
        return all;
    }

    /** What the SACK says: cumulative TSN, window, gaps, duplicates. */
    String sack() {
        byte[] packet = new byte[1200];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        receiver.writeSack(out);
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, out.position());
        assertTrue(cursor.next());
        SackChunk sack = new SackChunk();
        assertNull(sack.read(cursor));
        StringBuilder text = new StringBuilder();
        text.append(sack.cumulativeTsn()).append(" w").append(sack.advertisedReceiverWindow());
        for (int i = 0; i < sack.gaps(); i++)
            text.append(" [" + sack.gapStart(i) + "-" + sack.gapEnd(i) + "]");
        for (int i = 0; i < sack.duplicates(); i++) text.append(" x").append(sack.duplicate(i));
        return text.toString();
    }
}
