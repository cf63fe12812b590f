package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What an {@code UP} frame carries. */
public sealed interface UpBody permits UpBody.Envelope, UpBody.Signal, UpBody.Acks, TopicUp {
    /** The number on the wire. */
    int kind();

    /** Writes what follows the kind. */
    void write(WireWriter writer);

    /** Null when the reader has failed. */
    static @Nullable UpBody read(WireReader reader) {
        long kind = reader.varint();
        if (!reader.ok()) return null;
        if (kind == Envelope.KIND) return new Envelope(UpFrame.readGroup(reader), reader.rest());
        if (kind == Signal.KIND) return new Signal(UpFrame.readGroup(reader), reader.rest());
        if (kind == Acks.KIND) return Acks.read(reader);
        TopicUp topical = TopicUp.read(kind, reader);
        if (topical == null) reader.fail("UP of kind " + kind);
        return topical;
    }

    /** Pair frames for everybody in a group. */
    record Envelope(int group, Bytes frames) implements UpBody {
        static final int KIND = 1;

        @Override
        public int kind() {
            return KIND;
        }

        @Override
        public void write(WireWriter writer) {
            writer.varint(group).raw(frames);
        }
    }

    /**
     * A signal for everybody in a group, mostly one.
     *
     * @param fields docs/protocol.md, section 4; not looked into on the way
     */
    record Signal(int group, Bytes fields) implements UpBody {
        static final int KIND = 2;

        @Override
        public int kind() {
            return KIND;
        }

        @Override
        public void write(WireWriter writer) {
            writer.varint(group).raw(fields);
        }
    }

    /** Acknowledgements for many senders. */
    record Acks(List<Acknowledgement> list) implements UpBody {
        static final int KIND = 3;

        static Acks read(WireReader reader) {
            int count = reader.count(Member.MIN_BYTES + 1);
            List<Acknowledgement> list = new ArrayList<>(count);
            for (int i = 0; i < count && reader.ok(); i++) {
                list.add(new Acknowledgement(Member.read(reader), reader.bytes()));
            }
            return new Acks(list);
        }

        @Override
        public int kind() {
            return KIND;
        }

        @Override
        public void write(WireWriter writer) {
            writer.varint(list.size());
            for (Acknowledgement each : list) {
                each.to().write(writer);
                writer.bytes(each.frames());
            }
        }
    }

    /** Pair frames for one sender. */
    record Acknowledgement(Member to, Bytes frames) {}
}
