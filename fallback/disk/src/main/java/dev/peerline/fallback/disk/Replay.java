package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts the state together that a journal tells of, record by record. Not thread-safe. */
final class Replay implements Journal.Records {
    private final Map<Long, Former> logs = new LinkedHashMap<>();
    private final Map<Place, Long> places = new HashMap<>();
    private long highestNumber;

    private record Place(String room, Id id) {}

    /** A log of an earlier process. */
    static final class Former {
        final String room;
        final Id id;
        final long epoch;
        final Map<Long, Long> lives = new LinkedHashMap<>();
        final ArrayDeque<LogEntry> entries = new ArrayDeque<>();
        long base;
        Bytes note = Bytes.EMPTY;

        Former(String room, Id id, long epoch, long base) {
            this.room = room;
            this.id = id;
            this.epoch = epoch;
            this.base = base;
        }

        long head() {
            return base + entries.size();
        }
    }

    Collection<Former> logs() {
        return logs.values();
    }

    /** New logs are numbered from above this. */
    long highestNumber() {
        return highestNumber;
    }

    @Override
    public void record(ByteBuffer record) throws IOException {
        List<Bytes> bodies = new ArrayList<>();
        try {
            while (record.hasRemaining()) change(record, bodies);
        } catch (BufferUnderflowException | IndexOutOfBoundsException cause) {
            throw new IOException("a record ends too early", cause);
        }
    }

    private void change(ByteBuffer record, List<Bytes> bodies) throws IOException {
        byte type = record.get();
        switch (type) {
            case RecordWriter.OPEN -> open(record);
            case RecordWriter.BODY -> bodies.add(bytes(record));
            case RecordWriter.APPEND -> append(record, bodies);
            case RecordWriter.ACKNOWLEDGE -> acknowledge(record);
            case RecordWriter.NOTE -> {
                Former log = logs.get(record.getLong());
                Bytes note = bytes(record);
                if (log != null) log.note = note;
            }
            case RecordWriter.CLOSE -> logs.remove(record.getLong());
            default -> throw new IOException("a change of the unknown type " + type);
        }
    }

    private void open(ByteBuffer record) {
        long number = record.getLong();
        String room = new String(bytes(record).toArray(), StandardCharsets.US_ASCII);
        Id id = new Id(record.getLong(), record.getLong());
        Former log = new Former(room, id, record.getLong(), record.getLong());
        for (int left = record.getInt(); left > 0; left--) {
            log.lives.put(record.getLong(), record.getLong());
        }
        // A log that is written anew stands for itself, under the same number or a higher one.
        Long before = places.put(new Place(log.room, log.id), number);
        if (before != null) logs.remove(before);
        logs.put(number, log);
        highestNumber = Math.max(highestNumber, number);
    }

    private void append(ByteBuffer record, List<Bytes> bodies) throws IOException {
        @Nullable Former log = logs.get(record.getLong());
        long offset = record.getLong();
        Bytes header = bytes(record);
        Bytes body = bodies.get(record.getInt());
        if (log == null || offset <= log.head()) return;
        if (offset > log.head() + 1) {
            throw new IOException("entry %d after %d".formatted(offset, log.head()));
        }
        log.entries.add(new LogEntry(header, body));
    }

    private void acknowledge(ByteBuffer record) {
        @Nullable Former log = logs.get(record.getLong());
        long offset = record.getLong();
        if (log == null) return;
        while (log.base < offset && log.entries.poll() != null) log.base++;
    }

    static Bytes bytes(ByteBuffer record) {
        int length = record.getInt();
        if (length < 0 || length > record.remaining()) throw new BufferUnderflowException();
        byte[] array = new byte[length];
        record.get(array);
        return Bytes.of(array);
    }
}
