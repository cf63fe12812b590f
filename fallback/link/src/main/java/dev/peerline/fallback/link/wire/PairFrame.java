package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Consumer;

/** What two peers say to each other: docs/protocol.md, section 3. */
public sealed interface PairFrame extends Frame
        permits PairFrame.Message,
                PairFrame.Ack,
                Resume,
                PairFrame.Skip,
                PairFrame.Probe,
                PairFrame.Echo,
                PairFrame.Loose {
    /** Longer messages are fragmented. */
    int MAX_PAYLOAD_BYTES = 16 * 1024;

    /** The bytes of a {@code PROBE} are at most as many. */
    int MAX_PROBE_BYTES = 16;

    /** Bits 0–1 of the flags: what the payload is. */
    int TYPE_MASK = 3;

    int TEXT = 0;
    int BINARY = 1;
    int JSON = 2;

    /** Bit 2 of the flags: this is not the last fragment. */
    int MORE_FRAGMENTS = 4;

    /** Bit 3 of the flags: the message began with an earlier number. */
    int CONTINUES = 8;

    /** Reads the frames of an envelope, or of one message on a data channel. */
    static Parsed<List<PairFrame>> readAll(Bytes packet) {
        return PacketReader.read(packet, PairFrame::read);
    }

    /**
     * Hands over the frames of a packet, in order.
     *
     * @return false when one is malformed; those before it have been handed over
     */
    static boolean readEach(Bytes packet, Consumer<PairFrame> handler) {
        return PacketReader.readEach(
                packet,
                PairFrame::read,
                frame -> {
                    handler.accept(frame);
                    return true;
                });
    }

    private static @Nullable PairFrame read(long type, WireReader reader) {
        return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
            case Message.TYPE -> Message.read(reader);
            case Ack.TYPE -> new Ack(reader.varint(), reader.varint());
            case Resume.TYPE -> Resume.read(reader);
            case Skip.TYPE -> Skip.read(reader);
            case Probe.TYPE -> new Probe(reader.rest(MAX_PROBE_BYTES));
            case Echo.TYPE -> new Echo(reader.rest(MAX_PROBE_BYTES));
            case Loose.TYPE -> Loose.read(reader);
            default -> null;
        };
    }

    private static int readFlags(WireReader reader) {
        int flags = (int) (reader.varint() & (TYPE_MASK | MORE_FRAGMENTS | CONTINUES));
        if ((flags & TYPE_MASK) == TYPE_MASK) reader.fail("a payload of type 3");
        return flags;
    }

    /**
     * A message, or a fragment of one.
     *
     * @param sequence counts from 1, fragments too
     * @param flags {@link #TYPE_MASK}, {@link #MORE_FRAGMENTS} and {@link #CONTINUES}
     */
    record Message(long channel, long sequence, int flags, Bytes payload) implements PairFrame {
        static final int TYPE = 33;

        static Message read(WireReader reader) {
            long channel = reader.varint();
            long sequence = reader.varint();
            if (sequence == 0) reader.fail("MESSAGE sequences count from 1");
            int flags = readFlags(reader);
            return new Message(channel, sequence, flags, reader.rest(MAX_PAYLOAD_BYTES));
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(channel).varint(sequence).varint(flags).raw(payload);
        }
    }

    /** Everything below {@code next} was handed to the application. */
    record Ack(long channel, long next) implements PairFrame {
        static final int TYPE = 34;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(channel).varint(next);
        }
    }

    /** Numbers from {@code from} to below {@code to} will not come. */
    record Skip(long channel, long from, long to, String reason) implements PairFrame {
        static final int TYPE = 36;

        static Skip read(WireReader reader) {
            Skip skip = new Skip(reader.varint(), reader.varint(), reader.varint(), reader.text());
            if (skip.to < skip.from) reader.fail("SKIP backwards");
            return skip;
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(channel).varint(from).varint(to).text(reason);
        }
    }

    /** Answered by {@link Echo} on the same carrier at once. */
    record Probe(Bytes bytes) implements PairFrame {
        static final int TYPE = 37;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.raw(bytes);
        }
    }

    /** The bytes of a {@link Probe}. */
    record Echo(Bytes bytes) implements PairFrame {
        static final int TYPE = 38;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.raw(bytes);
        }
    }

    /**
     * An unreliable message, sent once on one carrier.
     *
     * @param flags {@link #TYPE_MASK}
     * @param scope 0 for everybody in the room, 1 for this receiver alone
     */
    record Loose(int flags, String channel, long scope, Bytes payload) implements PairFrame {
        static final int TYPE = 39;

        static Loose read(WireReader reader) {
            int flags = readFlags(reader);
            String channel = reader.text();
            long scope = Resume.readScope(reader);
            return new Loose(flags, channel, scope, reader.rest(MAX_PAYLOAD_BYTES));
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(flags).text(channel).varint(scope).raw(payload);
        }
    }
}
