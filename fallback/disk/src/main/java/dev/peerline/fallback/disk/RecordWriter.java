package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.wire.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.zip.CRC32C;

/**
 * Encodes records, one after another, into an array that grows. A record is its length (4 bytes),
 * its CRC-32C (4), and changes until its end. Numbers are big-endian. A body that several entries
 * of a record share stands in it once. Not thread-safe.
 */
final class RecordWriter {
    static final int HEADER_BYTES = 2 * Integer.BYTES;

    static final byte OPEN = 1;
    static final byte BODY = 2;
    static final byte APPEND = 3;
    static final byte ACKNOWLEDGE = 4;
    static final byte NOTE = 5;
    static final byte CLOSE = 6;

    private final IdentityHashMap<Bytes, Integer> bodies = new IdentityHashMap<>();
    private byte[] array = new byte[64 * 1024];
    private int size;
    private int start;

    /** What was written since the last {@link #clear}. */
    int size() {
        return size;
    }

    ByteBuffer buffer() {
        return ByteBuffer.wrap(array, 0, size);
    }

    /** Empties it; what was large once is given back. */
    void clear() {
        size = 0;
        if (array.length > 8 * 1024 * 1024) array = new byte[64 * 1024];
    }

    void begin() {
        start = size;
        bodies.clear();
        room(HEADER_BYTES);
        size += HEADER_BYTES;
    }

    void end() {
        int length = size - start - HEADER_BYTES;
        CRC32C crc = new CRC32C();
        crc.update(array, start + HEADER_BYTES, length);
        ByteBuffer.wrap(array, start, HEADER_BYTES).putInt(length).putInt((int) crc.getValue());
    }

    void change(Change change) {
        switch (change) {
            case Change.Open(DiskLog log) -> open(log);
            case Change.Append(DiskLog log, long offset, LogEntry entry) ->
                    append(log.number, offset, entry);
            case Change.Acknowledge(DiskLog log, long offset) -> acknowledge(log.number, offset);
            case Change.Note(DiskLog log, Bytes session) -> note(log.number, session);
            case Change.Close(DiskLog log) -> type(CLOSE).int64(log.number);
        }
    }

    /** All that is kept of a log, so that no earlier record of it is needed. */
    void anew(DiskLog log) {
        open(log);
        DiskLog.Written written = log.written;
        // What is forgotten in memory is needed no more; what is not written yet comes by itself.
        log.read(
                written.acknowledged,
                (offset, entry) -> {
                    if (offset > written.head) return false;
                    append(log.number, offset, entry);
                    return true;
                });
        note(log.number, written.note);
    }

    private void open(DiskLog log) {
        byte[] room = log.room.getBytes(StandardCharsets.US_ASCII);
        // Entries that were forgotten for want of room leave no hole: the log begins after them.
        long base = Math.min(Math.max(log.written.acknowledged, log.forgotten()), log.written.head);
        type(OPEN).int64(log.number).int32(room.length).raw(Bytes.of(room));
        int64(log.id.high()).int64(log.id.low()).int64(log.epoch()).int64(base);
        int32(log.lives.size());
        log.lives.forEach((epoch, head) -> int64(epoch).int64(head));
    }

    private void append(long log, long offset, LogEntry entry) {
        Integer body = bodies.get(entry.body());
        if (body == null) {
            body = bodies.size();
            bodies.put(entry.body(), body);
            type(BODY).bytes(entry.body());
        }
        type(APPEND).int64(log).int64(offset).bytes(entry.header()).int32(body);
    }

    private void acknowledge(long log, long offset) {
        type(ACKNOWLEDGE).int64(log).int64(offset);
    }

    private void note(long log, Bytes session) {
        type(NOTE).int64(log).bytes(session);
    }

    RecordWriter type(byte type) {
        room(1);
        array[size++] = type;
        return this;
    }

    RecordWriter int64(long value) {
        room(Long.BYTES);
        ByteBuffer.wrap(array, size, Long.BYTES).putLong(value);
        size += Long.BYTES;
        return this;
    }

    RecordWriter int32(int value) {
        room(Integer.BYTES);
        ByteBuffer.wrap(array, size, Integer.BYTES).putInt(value);
        size += Integer.BYTES;
        return this;
    }

    RecordWriter bytes(Bytes bytes) {
        return int32(bytes.length()).raw(bytes);
    }

    private RecordWriter raw(Bytes bytes) {
        room(bytes.length());
        bytes.copyTo(array, size);
        size += bytes.length();
        return this;
    }

    private void room(int bytes) {
        if (array.length - size >= bytes) return;
        array = Arrays.copyOf(array, Math.max(array.length * 2, size + bytes));
    }
}
