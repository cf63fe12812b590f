package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Predicate;

/** What the server says to a client: docs/protocol.md, section 2. */
public sealed interface DownFrame extends Frame
        permits Welcome,
                DownFrame.Entry,
                DownFrame.UpAck,
                DownFrame.Datagram,
                DownFrame.Pong,
                Refusal,
                DownFrame.Gap,
                DownFrame.Move,
                TopicDown {

    /** Reads the frames of a packet. */
    static Parsed<List<DownFrame>> readAll(Bytes packet) {
        return PacketReader.read(packet, DownFrame::read);
    }

    /**
     * Hands over the frames of a packet, in order, until the handler refuses one.
     *
     * @return false when one is malformed or was refused; those before it have been handed over
     */
    static boolean readEach(Bytes packet, Predicate<DownFrame> handler) {
        return PacketReader.readEach(packet, DownFrame::read, handler);
    }

    private static @Nullable DownFrame read(long type, WireReader reader) {
        return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
            case Welcome.TYPE -> Welcome.read(reader);
            case Entry.TYPE -> Entry.read(reader);
            case UpAck.TYPE -> new UpAck(reader.varint());
            case Datagram.TYPE -> new Datagram(Member.read(reader), reader.varint(), reader.rest());
            case Pong.TYPE -> new Pong(reader.rest(UpFrame.MAX_PING_BYTES));
            case Refusal.TYPE -> Refusal.read(reader);
            case Gap.TYPE -> new Gap(reader.varint(), reader.varint(), reader.text());
            case Move.TYPE -> new Move(reader.varint());
            default -> TopicDown.read(type, reader);
        };
    }

    /**
     * One entry of a log.
     *
     * @param log 0 is the mailbox
     * @param offset rises by 1
     */
    record Entry(long log, long offset, EntryBody body) implements DownFrame {
        static final int TYPE = 18;

        static @Nullable Entry read(WireReader reader) {
            long log = reader.varint();
            long offset = reader.varint();
            EntryBody body = EntryBody.read(reader);
            return body == null ? null : new Entry(log, offset, body);
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(log).varint(offset);
            body.write(writer);
        }
    }

    /** Every way-up number up to and including this one was taken. */
    record UpAck(long number) implements DownFrame {
        static final int TYPE = 19;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(number);
        }
    }

    /**
     * Pair frames that may be lost and are never doubled.
     *
     * @param to the incarnation of the receiver that they were addressed to
     */
    record Datagram(Member from, long to, Bytes frames) implements DownFrame {
        static final int TYPE = 20;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            from.write(writer);
            writer.varint(to).raw(frames);
        }
    }

    /** The bytes of a {@code PING}. */
    record Pong(Bytes probe) implements DownFrame {
        static final int TYPE = 22;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.raw(probe);
        }
    }

    /** Entries up to and including the offset are lost; reading goes on after it. */
    record Gap(long log, long offset, String reason) implements DownFrame {
        static final int TYPE = 24;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(log).varint(offset).text(reason);
        }
    }

    /** This server is going down: connect again after the time. */
    record Move(long retryAfterMillis) implements DownFrame {
        static final int TYPE = 25;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(retryAfterMillis);
        }
    }
}
