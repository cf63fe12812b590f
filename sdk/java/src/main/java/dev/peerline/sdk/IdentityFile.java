package dev.peerline.sdk;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key, the room that it is for, and the last incarnation, in a file that is locked while it is
 * used. Its text is {@code place key incarnation}.
 */
final class IdentityFile {
    private static final Pattern FORM =
            Pattern.compile("(\\S+) ([A-Za-z0-9_-]{43}) (\\d{1,16})\\s*");
    private static final int MAX_BYTES = 4096;

    private IdentityFile() {}

    static Identity.Life begin(Path path, String place) {
        FileChannel channel;
        try {
            channel = open(path);
        } catch (IOException problem) {
            throw refused(path, "cannot be opened: " + problem.getMessage(), problem);
        }
        try {
            return begin(channel, path, place);
        } catch (IOException | PeerlineException problem) {
            closeQuietly(channel);
            if (problem instanceof PeerlineException known) throw known;
            throw refused(path, "cannot be used: " + problem, problem);
        }
    }

    private static FileChannel open(Path path) throws IOException {
        boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) Files.createDirectories(parent);
        return FileChannel.open(
                path,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                posix ? ownerOnly : new FileAttribute<?>[0]);
    }

    private static Identity.Life begin(FileChannel channel, Path path, String place)
            throws IOException {
        if (!lock(channel)) {
            throw refused(path, "is used by another peer that runs now", null);
        }
        String text = read(channel);
        Matcher matcher = FORM.matcher(text);
        byte[] key = new byte[Id.KEY_BYTES];
        long last = 0;
        if (matcher.matches()) {
            if (!matcher.group(1).equals(place)) {
                throw refused(path, "belongs to " + matcher.group(1) + ", not " + place, null);
            }
            key = Base64.getUrlDecoder().decode(matcher.group(2));
            last = Long.parseLong(matcher.group(3));
        } else if (!text.isBlank()) {
            throw refused(path, "holds something else", null);
        } else {
            new SecureRandom().nextBytes(key);
        }
        long incarnation = Math.max(last + 1, System.currentTimeMillis());
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(key);
        write(channel, "%s %s %d%n".formatted(place, encoded, incarnation));
        return new Identity.Life(Bytes.of(key), incarnation, () -> closeQuietly(channel));
    }

    /** The lock goes with the channel. */
    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }

    /** One write: the key never changes, and a number of the same length only counts up. */
    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        int size = bytes.remaining();
        channel.position(0);
        while (bytes.hasRemaining()) channel.write(bytes);
        channel.truncate(size);
        channel.force(true);
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    private static PeerlineException refused(Path path, String why, @Nullable Throwable cause) {
        return new PeerlineException(
                "IDENTITY",
                "identity: the file %s %s".formatted(path, why),
                false,
                "Give each peer and room a file of its own",
                cause);
    }
}
