package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.topic.Gap.Reason;
import dev.peerline.fallback.link.topic.LogState;
import dev.peerline.fallback.link.topic.LogState.Lost;
import dev.peerline.fallback.link.topic.TopicMessage;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The records of topics. One says a message, or all that has to be known of a log beside its
 * messages, or what all logs have in common; the last that is said counts. Not thread-safe.
 */
final class TopicRecords implements Journal.Records {
    private static final byte STORE = 16;
    private static final byte LOG = 17;
    private static final byte MESSAGE = 18;

    private final Map<String, Former> logs = new LinkedHashMap<>();
    private long epoch = -1;
    private Lost base = Lost.NOTHING;

    /** A message without its epoch, which may be said after it: the oldest segment is not kept. */
    private record Said(long offset, long timeMillis, String topic, String type, Bytes body) {
        private TopicMessage of(long epoch) {
            return new TopicMessage(new Cursor(epoch, offset), timeMillis, topic, type, body);
        }
    }

    /** A log of an earlier process. */
    private static final class Former {
        private final TreeMap<Long, Said> messages = new TreeMap<>();
        private final Map<Long, LogState.Key> keys = new HashMap<>();
        private @Nullable LogState state;

        /** What was written of it since its state was is newer. */
        private LogState state(String name) {
            LogState said = state;
            if (said == null) said = new LogState(name, 0, 0, Lost.NOTHING, List.of(), List.of());
            for (LogState.Key key : said.keys()) keys.put(key.offset(), key);
            long head = messages.isEmpty() ? 0 : messages.lastKey();
            List<LogState.Key> all = new ArrayList<>(keys.values());
            all.sort((one, other) -> Long.compare(one.sinceMillis(), other.sinceMillis()));
            return new LogState(
                    name,
                    Math.max(said.head(), head),
                    said.forgotten(),
                    said.floor(),
                    said.topics(),
                    all);
        }
    }

    /** Shows logs with their messages, in order. */
    @FunctionalInterface
    interface Visitor {
        void log(LogState state, Iterable<TopicMessage> messages);
    }

    /**
     * -1 when there is none, and no message either.
     *
     * @throws IOException when there are messages without it
     */
    long epoch() throws IOException {
        if (epoch < 0 && !logs.isEmpty()) {
            throw new IOException(
                    "the journal has messages of topics, but nothing says of which epoch: restore"
                            + " its newest segment, or move all away to begin without them");
        }
        return epoch;
    }

    Lost base() {
        return base;
    }

    void each(Visitor visitor) {
        logs.forEach(
                (name, former) ->
                        visitor.log(
                                former.state(name),
                                former.messages.values().stream()
                                        .map(message -> message.of(epoch))
                                        .toList()));
    }

    static void store(RecordWriter writer, long epoch, Lost base) {
        writer.begin();
        lost(writer.type(STORE).int64(epoch), base);
        writer.end();
    }

    static void log(RecordWriter writer, LogState state) {
        writer.begin();
        text(writer.type(LOG), state.name()).int64(state.head()).int64(state.forgotten());
        lost(writer, state.floor()).int32(state.topics().size());
        for (LogState.Topic topic : state.topics()) lost(text(writer, topic.name()), topic.lost());
        writer.int32(state.keys().size());
        for (LogState.Key key : state.keys()) {
            text(text(writer, key.topic()), key.key()).int64(key.offset()).int64(key.sinceMillis());
        }
        writer.end();
    }

    /**
     * @param key its idempotency key; null for none
     */
    static void message(RecordWriter writer, TopicMessage message, @Nullable String key) {
        writer.begin();
        text(writer.type(MESSAGE), message.topic()).int64(message.offset());
        text(writer.int64(message.timeMillis()), message.type());
        text(writer, key == null ? "" : key).bytes(message.body());
        writer.end();
    }

    private static RecordWriter text(RecordWriter writer, String text) {
        return writer.bytes(Bytes.utf8(text));
    }

    private static RecordWriter lost(RecordWriter writer, Lost lost) {
        return text(writer.int64(lost.offset()), lost.reason().name());
    }

    @Override
    public void record(ByteBuffer record) throws IOException {
        try {
            byte type = record.get();
            switch (type) {
                case STORE -> {
                    epoch = record.getLong();
                    base = lost(record);
                }
                case LOG -> log(record);
                case MESSAGE -> message(record);
                default -> throw new IOException("a record of the unknown type " + type);
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException cause) {
            throw new IOException("a record ends too early", cause);
        }
    }

    private void log(ByteBuffer record) throws IOException {
        String name = text(record);
        long head = record.getLong();
        long forgotten = record.getLong();
        Lost floor = lost(record);
        List<LogState.Topic> topics = new ArrayList<>();
        for (int left = record.getInt(); left > 0; left--) {
            topics.add(new LogState.Topic(text(record), lost(record)));
        }
        List<LogState.Key> keys = new ArrayList<>();
        for (int left = record.getInt(); left > 0; left--) {
            keys.add(
                    new LogState.Key(
                            text(record), text(record), record.getLong(), record.getLong()));
        }
        former(name).state = new LogState(name, head, forgotten, floor, topics, keys);
    }

    private void message(ByteBuffer record) {
        String topic = text(record);
        long offset = record.getLong();
        long timeMillis = record.getLong();
        String type = text(record);
        String key = text(record);
        int dot = topic.indexOf('.');
        Former log = former(dot < 0 ? topic : topic.substring(0, dot));
        log.messages.put(offset, new Said(offset, timeMillis, topic, type, Replay.bytes(record)));
        if (key.isEmpty()) return;
        log.keys.put(offset, new LogState.Key(topic, key, offset, timeMillis));
    }

    private Former former(String name) {
        return logs.computeIfAbsent(name, _ -> new Former());
    }

    private static String text(ByteBuffer record) {
        return new String(Replay.bytes(record).toArray(), StandardCharsets.UTF_8);
    }

    private static Lost lost(ByteBuffer record) throws IOException {
        long offset = record.getLong();
        String reason = text(record);
        try {
            return new Lost(offset, Reason.valueOf(reason));
        } catch (IllegalArgumentException cause) {
            throw new IOException("no reason " + reason, cause);
        }
    }
}
