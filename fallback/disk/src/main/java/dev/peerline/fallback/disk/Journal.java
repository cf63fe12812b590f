package dev.peerline.fallback.disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The files: numbered segments of records, of which only the last is written to. Not thread-safe.
 */
final class Journal implements AutoCloseable {
    /** Takes what an earlier process wrote, record by record. */
    interface Records {
        /**
         * Takes what one record says.
         *
         * @throws IOException when it says what no record says, though its checksum is right
         */
        void record(ByteBuffer record) throws IOException;
    }

    private static final System.Logger LOGGER = System.getLogger(Journal.class.getName());

    /** The first bytes of a segment: what it is, and the version of its format. */
    private static final byte[] MAGIC = "PEERLINE JOURN 1".getBytes(StandardCharsets.US_ASCII);

    private static final String SUFFIX = ".journal";

    /** No record is longer; a length beyond it is damage. */
    private static final int MAX_RECORD_BYTES = 256 * 1024 * 1024;

    private final Path directory;
    private final FileChannel lockFile;

    /** Size by number. */
    private final TreeMap<Long, Long> segments = new TreeMap<>();

    private FileChannel last;

    private Journal(Path directory, FileChannel lockFile, FileChannel last) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.last = last;
    }

    /**
     * Locks a directory, reads what is there, and begins a segment after it.
     *
     * @throws IOException a sentence that says what is wrong and what to do
     */
    static Journal open(Path directory, Records records) throws IOException {
        Files.createDirectories(directory);
        FileChannel lockFile = lock(directory);
        try {
            NavigableMap<Long, Long> sizes = list(directory);
            for (long number : sizes.keySet()) {
                read(file(directory, number), records, number == sizes.lastKey());
            }
            long next = sizes.isEmpty() ? 1 : sizes.lastKey() + 1;
            Journal journal = new Journal(directory, lockFile, create(directory, next));
            journal.segments.putAll(sizes);
            journal.segments.put(next, (long) MAGIC.length);
            return journal;
        } catch (IOException | RuntimeException problem) {
            lockFile.close();
            throw problem;
        }
    }

    /** The number of the segment that is written to. */
    long number() {
        return segments.lastKey();
    }

    long oldest() {
        return segments.firstKey();
    }

    /** All segments together. */
    long bytes() {
        return segments.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What the segment that is written to has. */
    long lastBytes() {
        return segments.lastEntry().getValue();
    }

    /**
     * Appends records and waits until they are on the disk. Where that fails, nothing of them is
     * there: it may be tried again.
     */
    void append(ByteBuffer records) throws IOException {
        long from = lastBytes();
        try {
            ByteBuffer left = records.duplicate();
            for (long at = from; left.hasRemaining(); ) at += last.write(left, at);
            last.force(false);
        } catch (IOException problem) {
            last.truncate(from);
            throw problem;
        }
        segments.put(number(), from + records.remaining());
    }

    /** Begins another segment. */
    void roll() throws IOException {
        long next = number() + 1;
        FileChannel fresh = create(directory, next);
        last.close();
        last = fresh;
        segments.put(next, (long) MAGIC.length);
    }

    /** Deletes the segments below a number; nothing in them is needed. */
    void forgetBelow(long number) throws IOException {
        while (oldest() < number) {
            Files.deleteIfExists(file(directory, oldest()));
            segments.pollFirstEntry();
        }
    }

    @Override
    public void close() throws IOException {
        last.close();
        lockFile.close();
    }

    private static FileChannel lock(Path directory) throws IOException {
        Path path = directory.resolve("lock");
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            lock = null;
        }
        if (lock != null) return channel;
        channel.close();
        throw new IOException(directory + " is in use by another server: give each its own");
    }

    private static NavigableMap<Long, Long> list(Path directory) throws IOException {
        NavigableMap<Long, Long> sizes = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                sizes.put(
                        Long.parseLong(name.substring(0, name.length() - SUFFIX.length())),
                        Files.size(file));
            }
        } catch (NumberFormatException problem) {
            throw new IOException("a foreign file: " + problem.getMessage(), problem);
        }
        return sizes;
    }

    private static Path file(Path directory, long number) {
        return directory.resolve("%016d%s".formatted(number, SUFFIX));
    }

    private static FileChannel create(Path directory, long number) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file(directory, number),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        try {
            channel.write(ByteBuffer.wrap(MAGIC), 0);
            channel.force(true);
            sync(directory);
            return channel;
        } catch (IOException problem) {
            channel.close();
            throw problem;
        }
    }

    /** So that a name is as lasting as what it names; systems that cannot do it need not. */
    private static void sync(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException problem) {
            LOGGER.log(System.Logger.Level.DEBUG, "event=directory-not-synced", problem);
        }
    }

    private static void read(Path file, Records records, boolean last) throws IOException {
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
        if (content.remaining() < MAGIC.length) {
            if (last) return; // the process ended as it was made
            throw damaged(file, 0, "no header");
        }
        byte[] magic = new byte[MAGIC.length];
        content.get(magic);
        if (!Arrays.equals(MAGIC, magic)) {
            throw damaged(file, 0, "not a journal, or of another version");
        }
        while (content.hasRemaining()) {
            int at = content.position();
            ByteBuffer record = next(content);
            if (record == null && last) {
                // The last write was cut off by a crash. Nobody was told that it was kept.
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "event=journal-tail-dropped file=%s bytes=%d"
                                .formatted(file, content.limit() - at));
                return;
            }
            if (record == null) throw damaged(file, at, "a checksum is wrong");
            try {
                records.record(record);
            } catch (IOException problem) {
                throw damaged(file, at, problem.getMessage());
            }
        }
    }

    private static @Nullable ByteBuffer next(ByteBuffer content) {
        if (content.remaining() < RecordWriter.HEADER_BYTES) return null;
        int length = content.getInt();
        int expected = content.getInt();
        if (length < 0 || length > MAX_RECORD_BYTES || length > content.remaining()) return null;
        ByteBuffer record = content.slice(content.position(), length);
        CRC32C crc = new CRC32C();
        crc.update(record.duplicate());
        if ((int) crc.getValue() != expected) return null;
        content.position(content.position() + length);
        return record;
    }

    private static IOException damaged(Path file, int at, @Nullable String what) {
        return new IOException(
                "%s is damaged at byte %d (%s): restore it, or move it away to begin without it"
                        .formatted(file, at, what));
    }
}
