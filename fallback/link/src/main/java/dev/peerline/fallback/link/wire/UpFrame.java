package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What a client says to the server: docs/protocol.md, section 2. */
public sealed interface UpFrame extends Frame
        permits Hello,
                UpFrame.Bind,
                UpFrame.Up,
                UpFrame.Datagram,
                UpFrame.Ack,
                UpFrame.Ping,
                UpFrame.Bye,
                UpFrame.Token,
                TopicListing {
    /** The probe of a {@code PING} is at most this long. */
    int MAX_PING_BYTES = 16;

    /** Group numbers are below it. */
    int MAX_GROUPS = 64;

    /** Members of one group. */
    int MAX_GROUP_MEMBERS = 1024;

    /** Reads the frames of a packet. */
    static Parsed<List<UpFrame>> readAll(Bytes packet) {
        return PacketReader.read(packet, UpFrame::read);
    }

    private static @Nullable UpFrame read(long type, WireReader reader) {
        return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
            case Hello.TYPE -> Hello.read(reader);
            case Bind.TYPE -> Bind.read(reader);
            case Up.TYPE -> Up.read(reader);
            case Datagram.TYPE -> new Datagram(readGroup(reader), reader.rest());
            case Ack.TYPE -> new Ack(reader.varint(), reader.varint());
            case Ping.TYPE -> new Ping(reader.rest(MAX_PING_BYTES));
            case Bye.TYPE -> new Bye(reader.varint());
            case Token.TYPE -> new Token(reader.restAsText());
            case TopicListing.TYPE -> TopicListing.read(reader);
            default -> null;
        };
    }

    /** A group number; fails the reader on one that cannot be bound. */
    static int readGroup(WireReader reader) {
        long group = reader.varint();
        if (group < MAX_GROUPS) return (int) group;
        reader.fail("group " + group);
        return 0;
    }

    /**
     * Says whom a group number means, until it is bound anew or this carrier ends.
     *
     * @param group 0 … 63
     * @param members at most 1024
     */
    record Bind(int group, List<Member> members) implements UpFrame {
        static final int TYPE = 2;

        static Bind read(WireReader reader) {
            int group = readGroup(reader);
            int count = reader.count(Member.MIN_BYTES);
            if (count > MAX_GROUP_MEMBERS) reader.fail("a group of " + count);
            List<Member> members = new ArrayList<>(count);
            for (int i = 0; i < count && reader.ok(); i++) members.add(Member.read(reader));
            return new Bind(group, members);
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(group).varint(members.size());
            for (Member member : members) member.write(writer);
        }
    }

    /**
     * What the server takes exactly once.
     *
     * @param number counts from 1
     */
    record Up(long number, UpBody body) implements UpFrame {
        static final int TYPE = 3;

        static @Nullable Up read(WireReader reader) {
            long number = reader.varint();
            if (number == 0) reader.fail("UP numbers count from 1");
            UpBody body = UpBody.read(reader);
            return body == null ? null : new Up(number, body);
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(number).varint(body.kind());
            body.write(writer);
        }
    }

    /** Pair frames that may be lost and are never doubled. */
    record Datagram(int group, Bytes frames) implements UpFrame {
        static final int TYPE = 4;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(group).raw(frames);
        }
    }

    /**
     * Everything up to and including the offset was taken.
     *
     * @param log 0 is the mailbox
     */
    record Ack(long log, long offset) implements UpFrame {
        static final int TYPE = 5;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(log).varint(offset);
        }
    }

    /** Answered by {@code PONG} with the same bytes, at most 16. */
    record Ping(Bytes probe) implements UpFrame {
        static final int TYPE = 6;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.raw(probe);
        }
    }

    /**
     * Leaves the room.
     *
     * @param graceMillis 0 leaves now; else away now, and gone after it unless the peer returns
     */
    record Bye(long graceMillis) implements UpFrame {
        static final int TYPE = 7;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(graceMillis);
        }
    }

    /** A fresh token for this session. */
    record Token(String token) implements UpFrame {
        static final int TYPE = 8;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.raw(Bytes.utf8(token));
        }
    }
}
