package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What the server says about a topic that a session reads: docs/protocol.md, section 8. */
public sealed interface TopicDown extends DownFrame {
    /** The number of the subscription. */
    long number();

    /** Null for a type that is not about topics. */
    static @Nullable TopicDown read(long type, WireReader reader) {
        if (type == Subscribed.TYPE) {
            return new Subscribed(reader.varint(), readCursor(reader));
        }
        if (type == Messages.TYPE) return Messages.read(reader);
        if (type == Missed.TYPE) return Missed.read(reader);
        if (type == Ended.TYPE) return new Ended(reader.varint(), TopicFault.read(reader));
        return null;
    }

    private static Cursor readCursor(WireReader reader) {
        return new Cursor(reader.varint(), reader.varint());
    }

    private static WireWriter write(WireWriter writer, Cursor cursor) {
        return writer.varint(cursor.epoch()).varint(cursor.offset());
    }

    /** It is read, after this cursor. */
    record Subscribed(long number, Cursor cursor) implements TopicDown {
        static final int TYPE = 80;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            TopicDown.write(writer.varint(number), cursor);
        }
    }

    /**
     * Messages of one topic or pattern, in order.
     *
     * @param after the offset of the one before, or where reading began: what its client has read
     */
    record Messages(long number, long epoch, long after, List<Item> items) implements TopicDown {
        static final int TYPE = 81;

        static Messages read(WireReader reader) {
            long number = reader.varint();
            long epoch = reader.varint();
            long after = reader.varint();
            List<Item> items = new ArrayList<>(1);
            while (reader.ok() && !reader.atEnd()) items.add(Item.read(reader));
            return new Messages(number, epoch, after, items);
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(number).varint(epoch).varint(after);
            for (Item item : items) item.write(writer);
        }
    }

    /**
     * One message.
     *
     * @param timeMillis when it was published, Unix time in ms
     */
    record Item(long offset, long timeMillis, String topic, String type, Bytes body) {
        /** What numbers and lengths take at most. */
        private static final int OVERHEAD_BYTES = 8 + 8 + 2 + 2 + 4;

        static Item read(WireReader reader) {
            return new Item(
                    reader.varint(), reader.varint(), reader.text(), reader.text(), reader.bytes());
        }

        void write(WireWriter writer) {
            writer.varint(offset).varint(timeMillis).text(topic).text(type).bytes(body);
        }

        /** No less than it takes in a packet, where topic and type are ASCII. */
        public int size() {
            return OVERHEAD_BYTES + topic.length() + 3 * type.length() + body.length();
        }
    }

    /**
     * Messages are gone that this reader would have got.
     *
     * @param after what its client has read; something behind it is missing
     * @param oldest the id of the first message that comes instead, or where reading goes on
     * @param next reading goes on after it
     */
    record Missed(long number, Cursor after, Cursor oldest, Cursor next, String reason)
            implements TopicDown {
        static final int TYPE = 82;

        static Missed read(WireReader reader) {
            long number = reader.varint();
            Cursor after = readCursor(reader);
            Cursor oldest = readCursor(reader);
            return new Missed(number, after, oldest, readCursor(reader), reader.text());
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            TopicDown.write(writer.varint(number), after);
            TopicDown.write(writer, oldest);
            TopicDown.write(writer, next).text(reason);
        }
    }

    /** It is read no more, or was never. */
    record Ended(long number, TopicFault fault) implements TopicDown {
        static final int TYPE = 83;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void writeBody(WireWriter writer) {
            writer.varint(number);
            Fields.Writer fields = new Fields.Writer();
            fault.write(fields, 1);
            fields.writeTo(writer);
        }
    }
}
