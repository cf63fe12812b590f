package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What an entry of a mailbox says. */
public sealed interface EntryBody
        permits EntryBody.Envelope,
                EntryBody.Signal,
                EntryBody.Roster,
                EntryBody.Presence,
                Published,
                EntryBody.Unknown {
    /** Writes the kind and what follows it. */
    void write(WireWriter writer);

    /** The body alone, as it stands in a log. */
    default Bytes encode() {
        WireWriter writer = new WireWriter();
        write(writer);
        return writer.take();
    }

    /** Null when the reader has failed. */
    static @Nullable EntryBody read(WireReader reader) {
        long kind = reader.varint();
        if (!reader.ok()) return null;
        if (kind == Envelope.KIND) {
            return new Envelope(Member.read(reader), reader.varint(), reader.rest());
        }
        if (kind == Signal.KIND) {
            return new Signal(Member.read(reader), reader.varint(), reader.rest());
        }
        if (kind == Roster.KIND) return Roster.read(reader);
        if (kind == Presence.KIND) return Presence.read(reader);
        if (kind == Published.KIND) return Published.read(reader);
        return new Unknown(kind, reader.rest());
    }

    /**
     * What stands before the pair frames of an {@link Envelope}: kind, sender, incarnation. So one
     * body serves all who get the same.
     */
    static Bytes envelopeHeader(Member from, long to) {
        return header(Envelope.KIND, from, to);
    }

    /** What stands before the fields of a {@link Signal}. */
    static Bytes signalHeader(Member from, long to) {
        return header(Signal.KIND, from, to);
    }

    private static Bytes header(int kind, Member from, long to) {
        int size =
                1
                        + Id.BYTES
                        + WireWriter.varintBytes(from.incarnation())
                        + WireWriter.varintBytes(to);
        // The writer may round up; an entry that is kept holds on to nothing that it does not need.
        WireWriter writer = new WireWriter(size + Long.BYTES).varint(kind);
        from.write(writer);
        return writer.varint(to).take().compact();
    }

    /**
     * Pair frames.
     *
     * @param to the incarnation of the receiver that they were addressed to
     */
    record Envelope(Member from, long to, Bytes frames) implements EntryBody {
        static final int KIND = 1;

        @Override
        public void write(WireWriter writer) {
            writer.raw(envelopeHeader(from, to)).raw(frames);
        }
    }

    /**
     * A signal.
     *
     * @param fields docs/protocol.md, section 4
     */
    record Signal(Member from, long to, Bytes fields) implements EntryBody {
        static final int KIND = 2;

        @Override
        public void write(WireWriter writer) {
            writer.raw(signalHeader(from, to)).raw(fields);
        }
    }

    /** Who is in the room, the reader left out. What was known before is void. */
    record Roster(List<PeerRecord> peers) implements EntryBody {
        static final int KIND = 3;

        static Roster read(WireReader reader) {
            int count = reader.count(PeerRecord.MIN_BYTES);
            List<PeerRecord> peers = new ArrayList<>(count);
            for (int i = 0; i < count && reader.ok(); i++) peers.add(PeerRecord.read(reader));
            return new Roster(peers);
        }

        @Override
        public void write(WireWriter writer) {
            writer.varint(KIND).varint(peers.size());
            for (PeerRecord peer : peers) peer.write(writer);
        }
    }

    /** A peer joined, went away, came back, left, or is on another kind of carrier. */
    record Presence(Change change, PeerRecord peer) implements EntryBody {
        static final int KIND = 4;

        static EntryBody read(WireReader reader) {
            long number = reader.varint();
            PeerRecord peer = PeerRecord.read(reader);
            Change change = Change.of(number);
            return change == null ? new Unknown(KIND, Bytes.EMPTY) : new Presence(change, peer);
        }

        @Override
        public void write(WireWriter writer) {
            writer.varint(KIND).varint(change.number);
            peer.write(writer);
        }
    }

    /** Of a later version: its offset counts, its content says nothing to this one. */
    record Unknown(long kind, Bytes content) implements EntryBody {
        @Override
        public void write(WireWriter writer) {
            writer.varint(kind).raw(content);
        }
    }

    /** What became of a peer. */
    enum Change {
        JOINED(1),
        AWAY(2),
        BACK(3),
        LEFT(4),
        /** Its carrier is of another kind now, and nothing else. */
        CARRIER(5);

        private final int number;

        Change(int number) {
            this.number = number;
        }

        static @Nullable Change of(long number) {
            for (Change change : values()) {
                if (change.number == number) return change;
            }
            return null;
        }
    }
}
